//! `/exec`

use async_trait::async_trait;
use lab::{
    Attached, Error, Exec, Result, Size,
    models::{ExecConfig, ExecInspectResponse},
};

use crate::{
    Owner, Simulated,
    process::{Io, Process},
    programs, world,
};

#[async_trait]
impl Exec for Simulated {
    async fn create_exec(&self, container: &str, config: ExecConfig) -> Result<String> {
        let mut world = self.world();
        let container = world.container(container)?;
        if !container.is_running() {
            return Err(Error::conflict(format!(
                "container {} is not running",
                container.id
            )));
        }
        let exec = world::Exec {
            container: container.id.clone(),
            command: config.cmd.unwrap_or_default(),
            tty: config.tty.unwrap_or_default(),
            env: [
                container.body.env.clone().unwrap_or_default(),
                config.env.unwrap_or_default(),
            ]
            .concat(),
            started: false,
            io: Io::default(),
        };
        let (container, command) = (exec.container.clone(), exec.command.join(" "));
        let id = world.id();
        world.execs.insert(id.clone(), exec);
        world.container_event(self.now(), &format!("exec_create: {command}"), &container);
        Ok(id)
    }

    async fn start_exec(&self, exec: &str, terminal: bool) -> Result<Attached> {
        let io = self.begin_exec(exec, terminal)?;
        self.changed();
        Ok(self.attached(io, 0))
    }

    async fn start_exec_detached(&self, exec: &str) -> Result<()> {
        self.begin_exec(exec, false)?;
        self.changed();
        Ok(())
    }

    async fn inspect_exec(&self, exec: &str) -> Result<ExecInspectResponse> {
        self.drive();
        let world = self.world();
        let found = world.execs.get(exec).ok_or_else(|| missing(exec))?;
        let exit = found.io.lock().exit;
        Ok(ExecInspectResponse {
            id: Some(exec.to_owned()),
            running: Some(found.started && exit.is_none()),
            exit_code: exit,
            open_stdin: Some(true),
            open_stderr: Some(true),
            open_stdout: Some(true),
            can_remove: Some(false),
            container_id: Some(found.container.clone()),
            detach_keys: Some(String::new()),
            pid: Some(100),
            ..Default::default()
        })
    }

    async fn resize_exec(&self, exec: &str, size: Size) -> Result<()> {
        let world = self.world();
        world
            .execs
            .get(exec)
            .ok_or_else(|| missing(exec))?
            .io
            .lock()
            .size = size;
        Ok(())
    }
}

impl Simulated {
    fn begin_exec(&self, id: &str, terminal: bool) -> Result<Io> {
        let (io, process) = {
            let mut world = self.world();
            let exec = world.execs.get_mut(id).ok_or_else(|| missing(id))?;
            if exec.started {
                return Err(Error::conflict(format!(
                    "exec command {id} has already run"
                )));
            }
            exec.started = true;
            exec.io.lock().tty = terminal || exec.tty;
            let process = Process {
                world: self.clone(),
                container: exec.container.clone(),
                arguments: exec.command.clone(),
                env: exec.env.clone(),
                io: exec.io.clone(),
                first: false,
                to_stderr: false,
            };
            (exec.io.clone(), process)
        };
        let name = process.arguments.first().cloned().unwrap_or_default();
        if !programs::exists(&name) {
            let message = format!(
                "OCI runtime exec failed: exec failed: unable to start container process: exec: \"{name}\": executable file not found in $PATH: unknown\r\n"
            );
            process.print(&message);
            io.lock().exit = Some(127);
            return Ok(io);
        }
        let program = programs::start(process);
        self.running()
            .programs
            .insert(Owner::Exec(id.to_owned()), program);
        Ok(io)
    }
}

fn missing(exec: &str) -> Error {
    Error::not_found(format!("No such exec instance: {exec}"))
}
