//! `docker service logs`: what all tasks of a service wrote, each line with the task that wrote it.

use bytes::Bytes;
use futures::{StreamExt, stream};
use lab::{
    Chunk, OutputStream, Result,
    options::{LogsOptions, ServiceLogsOptions},
};

use crate::Simulated;

impl Simulated {
    /// `asked` is a service, or one of its tasks.
    pub(super) fn logs_of_service(
        &self,
        asked: &str,
        options: &ServiceLogsOptions,
    ) -> Result<OutputStream> {
        let wanted = LogsOptions {
            follow: options.follow,
            stdout: options.stdout,
            stderr: options.stderr,
            since: options.since,
            timestamps: options.timestamps,
            tail: options.tail.clone(),
            ..Default::default()
        };
        let mut streams = Vec::new();
        for (host, container, details) in self.writers(asked)? {
            let details = options.details.then_some(details);
            let stamped = options.timestamps;
            let lines = self.at(host).read_logs(&container, &wanted)?;
            let told = lines.map(move |chunk| {
                let details = details.as_deref();
                chunk.map(|chunk| details.map_or(chunk.clone(), |said| told(&chunk, said, stamped)))
            });
            streams.push(told);
        }
        Ok(stream::select_all(streams).boxed())
    }

    /// The machine and container of each task, and what is said of it before its lines.
    fn writers(&self, asked: &str) -> Result<Vec<(usize, String, String)>> {
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        let task = swarm.tasks.get(asked).map(|task| task.id.clone());
        let service = match &task {
            Some(_) => None,
            None => Some(swarm.service(asked)?.id.clone()),
        };
        let wanted = swarm.tasks.values().filter(|one| match &service {
            Some(service) => one.service == *service,
            None => Some(&one.id) == task.as_ref(),
        });
        let writers: Vec<(usize, String, String)> = wanted
            .filter_map(|task| {
                let node = swarm.nodes.get(task.node.as_ref()?)?;
                let details = format!(
                    "com.docker.swarm.node.id={},com.docker.swarm.service.id={},com.docker.swarm.task.id={}",
                    node.id, task.service, task.id
                );
                Some((node.host, task.container.clone()?, details))
            })
            .collect();
        let there = writers.into_iter().filter(|(host, container, _)| {
            machines.hosts[*host].containers.contains_key(container)
        });
        Ok(there.collect())
    }
}

/// Each line with what is said of its task, after the time if there is one.
fn told(chunk: &Chunk, details: &str, stamped: bool) -> Chunk {
    let mut bytes = Vec::new();
    for line in chunk.bytes().split_inclusive(|byte| *byte == b'\n') {
        let space = line.iter().position(|byte| *byte == b' ');
        let (time, rest) = match space.filter(|_| stamped) {
            Some(space) => line.split_at(space + 1),
            None => (&line[..0], line),
        };
        bytes.extend_from_slice(time);
        bytes.extend_from_slice(details.as_bytes());
        bytes.push(b' ');
        bytes.extend_from_slice(rest);
    }
    let bytes = Bytes::from(bytes);
    match chunk {
        Chunk::Stdout(_) => Chunk::Stdout(bytes),
        Chunk::Stderr(_) => Chunk::Stderr(bytes),
        Chunk::Terminal(_) => Chunk::Terminal(bytes),
    }
}
