//! The upstream: nginx with one worker, on the load generator's core.

use portgate_bench::failure::Failure;
use portgate_bench::process::Process;
use portgate_bench::template;

use crate::Setting;

pub(crate) fn start(setting: &Setting) -> Result<Process, Failure> {
    let configuration = setting.folder.join("nginx.conf");
    let template = setting.repository.join("tests/bench/envoy/nginx.conf");
    let folder = setting.folder.display().to_string();
    let port = setting.upstream.port().to_string();
    template::render(&template, &configuration, &[("FOLDER", &folder), ("UPSTREAM_PORT", &port)])?;
    let arguments = ["-p", &folder, "-c", &configuration.display().to_string()];
    let Setting { tools, cores, .. } = setting;
    Process::start("nginx", setting.nginx, &arguments, tools, &cores.load.to_string(), setting.folder, setting.upstream)
}
