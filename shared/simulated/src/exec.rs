//! `/exec`

use async_trait::async_trait;
use lab::{
    Attached, Error, Exec, Result, Size,
    models::{ExecConfig, ExecInspectResponse},
};

use crate::{
    Simulated,
    process::{Io, Process},
    world,
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
            env: config.env.unwrap_or_default(),
            started: false,
            pid: 0,
            user: config.user.unwrap_or_default(),
            folder: config.working_dir.unwrap_or_default(),
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
        let (process, refused) = self.exec_process(id, terminal)?;
        let io = process.io.clone();
        if let Some(message) = refused {
            process.print(&format!(
                "OCI runtime exec failed: exec failed: unable to start container process: {message}: unknown\r\n"
            ));
            let denied =
                message.ends_with("permission denied") || message.ends_with("is a directory");
            io.lock().exit = Some(if denied { 126 } else { 127 });
            return Ok(io);
        }
        let pid = self.lead(process);
        if let Some(exec) = self.world().execs.get_mut(id) {
            exec.pid = pid;
        }
        Ok(io)
    }

    fn exec_process(&self, id: &str, terminal: bool) -> Result<(Process, Option<String>)> {
        let mut world = self.world();
        let exec = world.execs.get_mut(id).ok_or_else(|| missing(id))?;
        if exec.started {
            return Err(Error::conflict(format!(
                "exec command {id} has already run"
            )));
        }
        exec.started = true;
        exec.io.lock().tty = terminal || exec.tty;
        let exec = world.execs.get(id).ok_or_else(|| missing(id))?;
        let container = world.container(&exec.container)?;
        let mut process = Process::new(self, container, exec.command.clone(), &exec.env);
        process.use_streams(&exec.io);
        process.become_user(container, &exec.user);
        if !exec.folder.is_empty() {
            process.folder.clone_from(&exec.folder);
        }
        let refused = container.cannot_run(&process.arguments, &process.env, &process.folder);
        Ok((process, refused))
    }
}

fn missing(exec: &str) -> Error {
    Error::not_found(format!("No such exec instance: {exec}"))
}
