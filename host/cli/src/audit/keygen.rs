//! `portgate audit keygen`.

use std::path::Path;

use aws_lc_rs::rand;
use portgate_core::audit::AuditKey;
use portgate_files::own;

use super::Failure;

/// Writes the private key, readable by its owner only, and prints the public one.
pub(super) fn run(file: &Path) -> Result<(), Failure> {
    let mut seed = [0; 32];
    rand::fill(&mut seed).map_err(|_| Failure::Random)?;
    let key = AuditKey::from_seed(&seed).map_err(|_| Failure::Random)?;
    let failed = |error| Failure::File(file.to_owned(), error);
    own::write_new(file, AuditKey::pem_of(&seed).as_bytes()).map_err(|error| failed(std::io::Error::other(error)))?;
    print!("{}", key.public().to_pem());
    eprintln!(
        "\nThis is the public key, number {}: keep it with whoever verifies. The private one is in {}.\n\
         Put it into the secrets folder and name it in gateway.toml:\n\n[audit]\nsigning_key = \"file:{}\"",
        key.public().id(),
        file.display(),
        file.file_name().unwrap_or_default().display(),
    );
    Ok(())
}
