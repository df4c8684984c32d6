//! `/exec`

use async_trait::async_trait;
use lab::{
    Attached, Error, Exec, Result, Size,
    models::{ExecConfig, ExecInspectResponse, ProcessConfig},
};

use crate::{
    Simulated,
    containers::{host_pid, must_run, start_exit_code, user_missing},
    process::{Io, Process},
    world::{self, State},
};

#[async_trait]
impl Exec for Simulated {
    async fn create_exec(&self, container: &str, config: ExecConfig) -> Result<String> {
        self.drive();
        let mut world = self.world();
        let command = config.cmd.unwrap_or_default();
        if command.is_empty() {
            return Err(Error::refused(400, "No exec command specified"));
        }
        let found = world.container(container)?;
        must_run(found)?;
        if found.state == State::Paused {
            return Err(Error::conflict(format!(
                "Container {container} is paused, unpause the container before exec"
            )));
        }
        let user = config.user.unwrap_or_default();
        if let Some(message) = user_missing(found, &user) {
            return Err(Error::refused(400, message));
        }
        let exec = world::Exec {
            tty: config.tty.unwrap_or_default(),
            env: config.env.unwrap_or_default(),
            user,
            folder: config.working_dir.unwrap_or_default(),
            open: [
                config.attach_stdin,
                config.attach_stdout,
                config.attach_stderr,
            ]
            .map(Option::unwrap_or_default),
            privileged: config.privileged.unwrap_or_default(),
            detach_keys: config.detach_keys.unwrap_or_default(),
            ..world::Exec::new(&found.id, command)
        };
        let id = world.insert_exec(exec, self.now());
        drop(world);
        self.changed();
        Ok(id)
    }

    async fn start_exec(&self, exec: &str, terminal: bool) -> Result<Attached> {
        self.drive();
        let io = self.exec_io(exec)?;
        match self.begin_exec(exec, terminal) {
            // Docker has opened the stream by then, and says it there.
            Err(Error::Refused {
                status: 400,
                message,
            }) => {
                let line = format!("{message}\r\n");
                let mut state = io.lock();
                state.tty = false;
                state.write(self.now(), false, line.as_bytes());
            }
            begun => begun?,
        }
        self.changed();
        Ok(self.attached(io, 0))
    }

    async fn start_exec_detached(&self, exec: &str) -> Result<()> {
        self.drive();
        let begun = self.begin_exec(exec, false);
        self.changed();
        begun
    }

    async fn inspect_exec(&self, exec: &str) -> Result<ExecInspectResponse> {
        self.drive();
        let world = self.world();
        let found = world.execs.get(exec).ok_or_else(|| missing(exec))?;
        let exit = found.io.lock().exit;
        let (program, arguments) = found
            .command
            .split_first()
            .map_or((String::new(), Vec::new()), |(program, arguments)| {
                (program.clone(), arguments.to_vec())
            });
        Ok(ExecInspectResponse {
            id: Some(exec.to_owned()),
            running: Some(found.started && exit.is_none()),
            exit_code: exit,
            process_config: Some(ProcessConfig {
                tty: Some(found.tty),
                entrypoint: Some(program),
                arguments: Some(arguments),
                privileged: Some(found.privileged),
                user: Some(found.user.clone()).filter(|user| !user.is_empty()),
            }),
            open_stdin: Some(found.open[0]),
            open_stdout: Some(found.open[1]),
            open_stderr: Some(found.open[2]),
            can_remove: Some(false),
            container_id: Some(found.container.clone()),
            detach_keys: Some(found.detach_keys.clone()),
            pid: Some(match (found.pid, world.containers.get(&found.container)) {
                (0, _) | (_, None) => 0,
                (pid, Some(container)) => host_pid(container, pid),
            }),
        })
    }

    async fn resize_exec(&self, exec: &str, size: Size) -> Result<()> {
        self.drive();
        let io = self.exec_io(exec)?;
        {
            let mut state = io.lock();
            if state.exit.is_some() {
                return Err(Error::not_found(format!(
                    "NotFound: process does not exist {exec}: not found"
                )));
            }
            state.size = size;
        }
        self.signal_foreground(&io, crate::process::WINCH);
        self.changed();
        Ok(())
    }
}

impl Simulated {
    fn exec_io(&self, id: &str) -> Result<Io> {
        let world = self.world();
        let exec = world.execs.get(id).ok_or_else(|| missing(id))?;
        Ok(exec.io.clone())
    }

    /// Starts it; 400 is the answer of the runtime that could not.
    pub(crate) fn begin_exec(&self, id: &str, terminal: bool) -> Result<()> {
        let (process, refused) = self.exec_process(id, terminal)?;
        if let Some(message) = refused {
            process.io.lock().exit = Some(match message.as_str() {
                "Cwd must be an absolute path" => 128,
                message => start_exit_code(message),
            });
            let unable = if message.starts_with("Cwd") {
                ""
            } else {
                "unable to start container process: "
            };
            return Err(Error::refused(
                400,
                format!("OCI runtime exec failed: exec failed: {unable}{message}"),
            ));
        }
        let pid = self.lead(process);
        if let Some(exec) = self.world().execs.get_mut(id) {
            exec.pid = pid;
        }
        Ok(())
    }

    fn exec_process(&self, id: &str, terminal: bool) -> Result<(Process, Option<String>)> {
        let now = self.now();
        let mut world = self.world();
        let exec = world.execs.get(id).ok_or_else(|| missing(id))?;
        if exec.started {
            return Err(Error::conflict(format!(
                "exec command {id} has already run"
            )));
        }
        let container = world.container(&exec.container)?;
        must_run(container)?;
        let mut process = Process::new(self, container, exec.command.clone(), &exec.env);
        process.use_streams(&exec.io);
        if !exec.user.is_empty() {
            process.become_user(container, &exec.user);
        }
        if !exec.folder.is_empty() {
            process.folder.clone_from(&exec.folder);
        }
        let refused = wrong_folder(container, &process.folder)
            .or_else(|| container.cannot_run(&process.arguments, &process.env, &process.folder));
        let mut exec = world.execs.remove(id).ok_or_else(|| missing(id))?;
        exec.started = true;
        exec.io.lock().tty = terminal || exec.tty;
        world.exec_event(now, "exec_start", &exec, id);
        world.execs.insert(id.to_owned(), exec);
        Ok((process, refused))
    }

    /// A process that an exec has started has ended.
    pub(crate) fn exec_ended(&self, container: &str, pid: u32, exit: i64) {
        let now = self.now();
        let found = {
            let mut world = self.world();
            let found = world
                .execs
                .iter()
                .find(|(_, exec)| exec.container == container && exec.pid == pid);
            let Some((id, io)) = found.map(|(id, exec)| (id.clone(), exec.io.clone())) else {
                return;
            };
            let code = exit.to_string();
            let attributes = [("execID", id.as_str()), ("exitCode", code.as_str())];
            world.container_event_with(now, "exec_die", container, &attributes);
            (id, io)
        };
        self.exec_ended_of(container, &found.0, exit, &found.1);
    }
}

fn wrong_folder(container: &world::Container, folder: &str) -> Option<String> {
    if !folder.starts_with('/') {
        return Some("Cwd must be an absolute path".to_owned());
    }
    let why = match container.files.stat(folder) {
        Ok(node) if node.is_folder() => return None,
        // What the kernel shows there is not among the files.
        Err(_)
            if ["/proc", "/dev", "/sys"]
                .iter()
                .any(|root| folder.starts_with(root)) =>
        {
            return None;
        }
        Ok(_) => {
            "not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type"
        }
        Err(_) => "no such file or directory",
    };
    Some(format!(
        "chdir to cwd (\"{folder}\") set in config.json failed: {why}"
    ))
}

fn missing(exec: &str) -> Error {
    Error::not_found(format!("No such exec instance: {exec}"))
}
