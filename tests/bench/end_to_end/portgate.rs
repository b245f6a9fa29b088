//! Portgate with one forward route, one worker.

use std::fs;

use portgate_bench::failure::Failure;
use portgate_bench::identity::{AUDIENCE, ISSUER, SUBJECT};
use portgate_bench::process::Process;
use portgate_bench::{free_address, secret, template, tools};

use crate::peer::{Name, Peer};
use crate::{Setting, target};

/// The policy folder: every file is a template of the same name in `tests/bench/portgate`.
const POLICIES: [&str; 5] =
    ["gateway.toml", "ceiling.toml", "plugins/ecom-shopify.toml", "partners/bench.toml", "routes.toml"];

pub(crate) fn start(setting: &Setting) -> Result<Peer, Failure> {
    let program = target(setting.repository).join("release/portgate");
    let address = free_address()?;
    let policies = setting.folder.join("policies");
    for folder in ["plugins", "partners", "plugin-files"] {
        fs::create_dir_all(policies.join(folder))?;
    }
    secret(&policies, "bench.jwks.json", setting.identity.jwks.as_bytes())?;
    let plugin = target(setting.repository).join("plugins/ecom-shopify.wasm");
    let copied = fs::read(&plugin).and_then(|component| {
        fs::write(policies.join("plugin-files/ecom-shopify.wasm"), &component)
            .map(|()| portgate_runtime::digest(&component))
    });
    let digest = copied.map_err(|error| Failure::step(format!("copying {}", plugin.display()), error.to_string()))?;
    let values = [
        ("PORT", &*address.port().to_string()),
        ("OPERATOR_PORT", &free_address()?.port().to_string()),
        ("UPSTREAM_PORT", &setting.upstream.port().to_string()),
        ("ISSUER", ISSUER),
        ("AUDIENCE", AUDIENCE),
        ("SUBJECT", SUBJECT),
        ("PLUGIN_DIGEST", &digest),
    ];
    for file in POLICIES {
        template::render(&setting.repository.join("tests/bench/portgate").join(file), &policies.join(file), &values)?;
    }
    let folder = policies.display().to_string();
    let arguments = ["serve", "--policies", &folder, "--workers", "1", "--log", "error"];
    let Setting { tools, cores, .. } = setting;
    let process =
        Process::start("portgate", &program, &arguments, tools, &cores.measured.to_string(), setting.folder, address)?;
    let version = tools::version(&program, "--version").trim_start_matches("portgate ").to_owned();
    Ok(Peer { name: Name::Portgate, version, address, process })
}

#[cfg(test)]
mod tests {
    use portgate_core::policy::{Ceiling, Gateway, PartnerPolicy, PluginPolicy, Routes};
    use serde::de::DeserializeOwned;

    use super::*;

    fn read<T: DeserializeOwned>(file: &str) -> T {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("portgate").join(file);
        let text = fs::read_to_string(path).unwrap();
        let values = [("PORT", "8080"), ("OPERATOR_PORT", "8081"), ("UPSTREAM_PORT", "8082")];
        toml::from_str(&template::fill(&text, &values)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    #[test]
    fn the_policies_are_of_the_shape_that_the_gateway_reads() {
        read::<Gateway>("gateway.toml");
        read::<Ceiling>("ceiling.toml");
        read::<PluginPolicy>("plugins/ecom-shopify.toml");
        let partner: PartnerPolicy = read("partners/bench.toml");
        let routes: Routes = read("routes.toml");
        assert_eq!(routes.forward[0].contract, partner.contracts[0].name);
    }
}
