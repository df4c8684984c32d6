//! `docker top`

use lab::{Error, Result, models::ContainerTopResponse, options::TopOptions};

use crate::{Simulated, programs};

impl Simulated {
    pub(super) fn processes(
        &self,
        container: &str,
        _: &TopOptions,
    ) -> Result<ContainerTopResponse> {
        let world = self.world();
        let container = world.container(container)?;
        if !container.is_running() {
            return Err(Error::conflict(format!(
                "container {} is not running",
                container.id
            )));
        }
        let titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];
        let pid = container.pid.to_string();
        let command = programs::command(container).join(" ");
        let process = ["root", &pid, "1", "0", "00:00", "?", "00:00:00", &command];
        Ok(ContainerTopResponse {
            titles: Some(titles.map(str::to_owned).to_vec()),
            processes: Some(vec![process.map(str::to_owned).to_vec()]),
        })
    }
}
