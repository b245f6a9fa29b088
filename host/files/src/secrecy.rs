//! Who else may read a secret: nobody, unless the operator says that an orchestrator mounts it.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use nix::unistd::{getegid, geteuid, getgroups};

/// How a file with a secret must be kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Guard {
    /// It belongs to the user that the process runs as, and nobody else has any right to it.
    #[default]
    OwnerAlone,
    /// It may also be root's, and one group that the process is in may read it: this is how orchestrators mount
    /// secrets.
    Mounted,
}

/// Why a file or folder is no place for a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooOpen {
    /// Others have rights to it.
    #[error("others than its owner have rights to {what} (mode {mode:04o}); `chmod {wanted:o}` it")]
    Others {
        /// What it is.
        what: &'static str,
        /// Its permissions.
        mode: u32,
        /// What they should be.
        wanted: u32,
    },
    /// It is somebody else's.
    #[error("{what} belongs to user {owner}, and this process runs as user {ours}; `chown` it")]
    OtherOwner {
        /// What it is.
        what: &'static str,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        ours: u32,
    },
    /// A group may read it that this process is not in.
    #[error("group {group} may read it, which this process is not in; `chgrp` it")]
    OtherGroup {
        /// The file's group.
        group: u32,
    },
}

/// What others are given by a mode.
const OTHERS: u32 = 0o077;
/// The same without reading by the group.
const ALL_BUT_GROUP_READS: u32 = 0o037;
/// Writing, by a group or by everybody.
const OTHERS_WRITE: u32 = 0o022;
/// In a folder with this bit nobody can exchange what is somebody else's.
const STICKY: u32 = 0o1000;

impl Guard {
    /// Whether a file with these properties may hold a secret.
    pub(crate) fn check(self, file: &Metadata) -> Result<(), TooOpen> {
        let (what, mode, ours) = ("it", file.permissions().mode() & 0o7777, geteuid().as_raw());
        let owner = file.uid();
        let (owner_fits, allowed) = match self {
            Guard::OwnerAlone => (owner == ours, OTHERS),
            Guard::Mounted => (owner == ours || owner == 0, ALL_BUT_GROUP_READS),
        };
        if !owner_fits {
            return Err(TooOpen::OtherOwner { what, owner, ours });
        }
        if mode & allowed != 0 {
            let wanted = if self == Guard::Mounted { 0o440 } else { 0o600 };
            return Err(TooOpen::Others { what, mode, wanted });
        }
        match mode & OTHERS != 0 && !is_ours(file.gid()) {
            true => Err(TooOpen::OtherGroup { group: file.gid() }),
            false => Ok(()),
        }
    }
}

fn is_ours(group: u32) -> bool {
    getegid().as_raw() == group || getgroups().is_ok_and(|groups| groups.iter().any(|ours| ours.as_raw() == group))
}

/// Whether nobody else can exchange files in this folder: it is ours or root's, and others may not write to it.
pub(crate) fn check_folder_of_secret(folder: &Metadata) -> Result<(), TooOpen> {
    let (what, mode, ours) = ("its folder", folder.permissions().mode() & 0o7777, geteuid().as_raw());
    if folder.uid() != ours && folder.uid() != 0 {
        return Err(TooOpen::OtherOwner { what, owner: folder.uid(), ours });
    }
    match mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
        true => Err(TooOpen::Others { what, mode, wanted: 0o700 }),
        false => Ok(()),
    }
}

/// Whether a folder that holds nothing but secrets is its owner's alone. Where an orchestrator mounts them it only has to
/// be one in which nobody else can exchange a file.
pub(crate) fn check_secret_folder(folder: &Metadata, guard: Guard) -> Result<(), TooOpen> {
    let (what, mode, ours) = ("its folder", folder.permissions().mode() & 0o7777, geteuid().as_raw());
    match guard {
        Guard::Mounted => check_folder_of_secret(folder),
        Guard::OwnerAlone if folder.uid() != ours => Err(TooOpen::OtherOwner { what, owner: folder.uid(), ours }),
        Guard::OwnerAlone if mode & OTHERS != 0 => Err(TooOpen::Others { what, mode, wanted: 0o700 }),
        Guard::OwnerAlone => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::chown;

    use super::*;

    fn is_root() -> bool {
        geteuid().is_root()
    }

    fn judged(mode: u32, owner: Option<u32>, group: Option<u32>, guard: Guard) -> Result<(), TooOpen> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "x").unwrap();
        chown(&file, owner, group).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        guard.check(&fs::metadata(&file).unwrap())
    }

    #[test]
    fn a_secret_is_its_owner_s_alone() {
        for mode in [0o600, 0o400, 0o700] {
            assert_eq!(judged(mode, None, None, Guard::OwnerAlone), Ok(()), "{mode:o}");
        }
        for mode in [0o640, 0o604, 0o660, 0o644, 0o601, 0o610, 0o620, 0o602, 0o440] {
            let refused = judged(mode, None, None, Guard::OwnerAlone).unwrap_err();
            assert!(refused.to_string().contains("chmod 600"), "{mode:o}: {refused}");
        }
    }

    #[test]
    fn a_mounted_secret_may_be_read_by_a_group_of_ours_and_by_nobody_else() {
        for mode in [0o600, 0o400, 0o440, 0o640] {
            assert_eq!(judged(mode, None, None, Guard::Mounted), Ok(()), "{mode:o}");
        }
        for mode in [0o644, 0o444, 0o660, 0o460, 0o604, 0o601, 0o650] {
            let refused = judged(mode, None, None, Guard::Mounted).unwrap_err();
            assert!(refused.to_string().contains("chmod 440"), "{mode:o}: {refused}");
        }
        if is_root() {
            let other = judged(0o440, None, Some(65_500), Guard::Mounted).unwrap_err();
            assert_eq!(other, TooOpen::OtherGroup { group: 65_500 });
        }
    }

    #[test]
    fn a_secret_of_somebody_else_is_refused() {
        if !is_root() {
            return println!("left out: only root can give a file to somebody else");
        }
        for guard in [Guard::OwnerAlone, Guard::Mounted] {
            let refused = judged(0o600, Some(65_534), None, guard).unwrap_err();
            assert!(refused.to_string().contains("belongs to user 65534"), "{refused}");
        }
    }

    #[test]
    fn a_folder_of_secrets_is_its_owner_s_alone_or_one_where_nobody_can_exchange_them() {
        let folder = tempfile::tempdir().unwrap();
        let check = |mode: u32, guard| {
            fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
            check_secret_folder(&fs::metadata(folder.path()).unwrap(), guard).map_err(|error| error.to_string())
        };
        assert_eq!(check(0o700, Guard::OwnerAlone), Ok(()));
        for mode in [0o750, 0o755, 0o770, 0o711] {
            assert!(check(mode, Guard::OwnerAlone).unwrap_err().contains("chmod 700"), "{mode:o}");
        }
        for mode in [0o700, 0o755, 0o1777, 0o3777] {
            assert_eq!(check(mode, Guard::Mounted), Ok(()), "{mode:o}");
        }
        for mode in [0o777, 0o770, 0o2775] {
            assert!(check(mode, Guard::Mounted).unwrap_err().contains("rights to its folder"), "{mode:o}");
        }
    }
}
