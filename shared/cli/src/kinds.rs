//! What an argument or a flag's value names: a container that runs, a network, one of a few words. Completion asks here.
//!
//! It knows the grammar's own words and no engine: which containers there are is the asker's business.

use crate::{flags::Flag, grammar::Grammar};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Container(Which),
    Network,
    Image,
    /// A container's, an image's or a network's name.
    Anything,
    /// One of the lab's files.
    File,
    /// A container's port: `80/tcp`.
    Port,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `key=value`, the keys being these.
    Pairs(&'static [&'static str]),
    /// Nothing that could be listed.
    Text,
}

/// Which containers a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Any,
    Running,
    Stopped,
    Paused,
}

const DRIVERS: &[&str] = &["bridge", "ipvlan", "macvlan", "overlay"];
const RESTART: &[&str] = &["no", "on-failure", "always", "unless-stopped"];
const PULL: &[&str] = &["always", "missing", "never"];
const SIGNALS: &[&str] = &[
    "SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2",
];
const STREAMS: &[&str] = &["stdin", "stdout", "stderr"];
const SCOPES: &[&str] = &["local", "swarm"];
const TYPES: &[&str] = &["container", "image", "network"];
const BUILT_IN: &[&str] = &["bridge", "host", "none"];
const CONTAINER_FILTERS: &[&str] = &[
    "ancestor", "before", "exited", "expose", "health", "id", "label", "name", "network",
    "publish", "since", "status",
];
const NETWORK_FILTERS: &[&str] = &["dangling", "driver", "id", "label", "name", "scope", "type"];
const IMAGE_FILTERS: &[&str] = &["before", "dangling", "label", "reference", "since", "until"];
const EVENT_FILTERS: &[&str] = &["container", "event", "image", "label", "network", "type"];
const PRUNE_FILTERS: &[&str] = &["label", "label!", "until"];

impl Grammar {
    /// What the argument of this number is; `Text` for what goes to a program.
    pub fn argument_kind(&self, index: usize) -> Kind {
        if self.program_from.is_some_and(|from| index >= from) {
            return Kind::Text;
        }
        let name = self.arguments.get(index).or(self.arguments.last());
        match name.copied().unwrap_or_default() {
            "container" => Kind::Container(self.containers()),
            "network" => Kind::Network,
            "image" => Kind::Image,
            "name or id" => Kind::Anything,
            "port" => Kind::Port,
            "file" | "folder" => Kind::File,
            _ => Kind::Text,
        }
    }

    /// What a flag's value is.
    pub fn value_kind(&self, flag: &Flag) -> Kind {
        match flag.stores.unwrap_or(flag.name) {
            "network" => Kind::Network,
            "link" => Kind::Container(Which::Any),
            "driver" => Kind::OneOf(DRIVERS),
            "restart" => Kind::OneOf(RESTART),
            "pull" if self.is("run") || self.is("create") => Kind::OneOf(PULL),
            "signal" | "stop-signal" => Kind::OneOf(SIGNALS),
            "attach" => Kind::OneOf(STREAMS),
            "scope" => Kind::OneOf(SCOPES),
            "type" => Kind::OneOf(TYPES),
            "env-file" | "label-file" | "file" | "cidfile" | "iidfile" => Kind::File,
            "format" => Kind::OneOf(&["json", "table"]),
            "filter" => Kind::Pairs(self.filters()),
            _ => Kind::Text,
        }
    }

    fn containers(&self) -> Which {
        match self.names[0] {
            "attach" | "exec" | "kill" | "pause" | "stop" | "top" | "stats" => Which::Running,
            "start" => Which::Stopped,
            "unpause" => Which::Paused,
            _ => Which::Any,
        }
    }

    fn filters(&self) -> &'static [&'static str] {
        match self.names[0] {
            "ps" => CONTAINER_FILTERS,
            "network ls|list" => NETWORK_FILTERS,
            "images" => IMAGE_FILTERS,
            "events" => EVENT_FILTERS,
            name if name.ends_with("prune") => PRUNE_FILTERS,
            _ => &[],
        }
    }

    fn is(&self, name: &str) -> bool {
        self.names[0] == name
    }
}

/// Networks that are always there.
pub fn built_in_networks() -> &'static [&'static str] {
    BUILT_IN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::{Found, find};

    fn grammar(line: &str) -> &'static Grammar {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match find(&words) {
            Found::Command { grammar, .. } => grammar,
            _ => panic!("{line} is a command"),
        }
    }

    fn argument(line: &str, index: usize, expected: Kind) {
        assert_eq!(grammar(line).argument_kind(index), expected, "{line}");
    }

    fn value(line: &str, name: &str, expected: Kind) {
        let grammar = grammar(line);
        let flag = grammar.flags.iter().find(|flag| flag.name == name);
        assert_eq!(
            grammar.value_kind(flag.expect("it has the flag")),
            expected,
            "{line} --{name}"
        );
    }

    #[test]
    fn arguments_name_things() {
        argument("stop", 3, Kind::Container(Which::Running));
        argument("container start", 0, Kind::Container(Which::Stopped));
        argument("network connect", 0, Kind::Network);
        argument("network connect", 1, Kind::Container(Which::Any));
        argument("run", 0, Kind::Image);
        argument("run", 1, Kind::Text);
        argument("inspect", 0, Kind::Anything);
    }

    #[test]
    fn values_are_one_of_a_few_words() {
        value("run", "net", Kind::Network);
        value("run", "restart", Kind::OneOf(RESTART));
        value("network create", "driver", Kind::OneOf(DRIVERS));
        value("ps", "filter", Kind::Pairs(CONTAINER_FILTERS));
        value("kill", "signal", Kind::OneOf(SIGNALS));
    }
}
