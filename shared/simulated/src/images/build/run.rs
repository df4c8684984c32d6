//! RUN: a container of the stage's image, whose own changes become a layer.

use lab::{
    Chunk, Containers, dockerfile::Instruction, models::ContainerCreateBody,
    options::RemoveContainerOptions,
};

use super::{Builder, Failed, short, stage::shell_or_words};

impl Builder {
    pub(super) async fn run(&mut self, instruction: &Instruction) -> Result<(), Failed> {
        if let Some(flag) = instruction.flags.first() {
            let flag = flag.split('=').next().unwrap_or(flag);
            return Err(format!(
                "the {flag} option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled"
            )
            .into());
        }
        let words = shell_or_words(instruction);
        let arguments = self.stage()?.arguments.clone();
        let mut by = words.join(" ");
        if !arguments.is_empty() {
            let set: Vec<String> = arguments
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            by = format!("|{} {} {by}", set.len(), set.join(" "));
        }
        if self.cached(&by)? {
            return Ok(());
        }
        let container = self.container(words.clone(), &arguments)?;
        self.say(format!(" ---> Running in {}\n", short(&container)));
        let ended = self.until_ended(&container).await;
        let layer = self
            .world
            .world()
            .containers
            .get(&container)
            .map(|it| it.files.own().clone());
        let force = RemoveContainerOptions {
            force: true,
            ..Default::default()
        };
        let removed = self.world.remove_container(&container, force).await;
        let code = ended?;
        removed.map_err(|error| error.to_string())?;
        if code != 0 {
            return Err(Failed {
                why: format!(
                    "The command '{}' returned a non-zero code: {code}",
                    words.join(" ")
                ),
                code: Some(code),
            });
        }
        self.say(format!(
            " ---> Removed intermediate container {}\n",
            short(&container)
        ));
        self.commit(&by, layer.filter(|layer| !layer.is_empty()), false)
    }

    fn container(
        &mut self,
        words: Vec<String>,
        arguments: &[(String, String)],
    ) -> Result<String, Failed> {
        let stage = self.stage()?.clone();
        let Some(image) = stage.image else {
            return Err("not simulated: RUN on scratch".into());
        };
        let mut env = stage.config.env.clone().unwrap_or_default();
        for (key, value) in arguments {
            if !env.iter().any(|it| it.split('=').next() == Some(key)) {
                env.push(format!("{key}={value}"));
            }
        }
        let body = ContainerCreateBody {
            image: Some(image),
            cmd: Some(words),
            entrypoint: Some(Vec::new()),
            env: Some(env),
            working_dir: stage.config.working_dir,
            user: stage.config.user,
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..Default::default()
        };
        let made = self
            .world
            .create(None, body)
            .map_err(|error| error.to_string())?;
        Ok(made.id)
    }

    /// Its exit code; what it wrote is told.
    async fn until_ended(&mut self, container: &str) -> Result<i64, Failed> {
        let started = self.world.start_container(container).await;
        started.map_err(|error| error.to_string())?;
        let io = self
            .world
            .world()
            .container(container)
            .map(|it| it.io.clone());
        let io = io.map_err(|error| error.to_string())?;
        let code = self.world.until(|_| io.lock().exit).await;
        let chunks = io.lock().chunks.clone();
        for (_, chunk) in chunks {
            let text = String::from_utf8_lossy(chunk.bytes()).into_owned();
            match chunk {
                Chunk::Stderr(_) => self.say(format!("\x1b[91m{text}\x1b[0m")),
                _ => self.say(text),
            }
        }
        Ok(code)
    }
}
