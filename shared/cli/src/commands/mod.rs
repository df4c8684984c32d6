//! The docker commands: one file each, and the list of them.

mod attach;
mod build;
mod create;
mod events;
mod exec;
mod history;
mod image_prune;
mod images;
mod info;
mod inspect;
mod kill;
mod logs;
mod network_connect;
mod network_create;
mod network_disconnect;
mod network_inspect;
mod network_ls;
mod network_prune;
mod network_rm;
mod node_demote;
mod node_inspect;
mod node_ls;
mod node_promote;
mod node_ps;
mod node_rm;
mod node_update;
mod pause;
mod port;
mod prune;
mod ps;
mod pull;
mod rename;
mod restart;
mod rm;
mod rmi;
mod run;
mod service_create;
mod service_inspect;
mod service_logs;
mod service_ls;
mod service_ps;
mod service_rm;
mod service_scale;
mod service_update;
mod start;
mod stats;
mod stop;
mod swarm_init;
mod swarm_join;
mod swarm_join_token;
mod swarm_leave;
mod system_prune;
mod tag;
mod top;
mod unpause;
mod version;
mod wait;

use crate::grammar::{Command, Grammar};

/// Two lists in the same order: the commands, and what each looks like. Who only explains a line takes the second one, and
/// has nothing of what runs a command: in the page that is half of everything.
macro_rules! commands {
    ($($command:path,)*) => {
        pub static COMMANDS: &[&dyn Command] = &[$(&$command),*];
        pub static GRAMMARS: &[fn() -> &'static Grammar] = &[$(|| $command.grammar()),*];
    };
}

// Every command there is.
commands![
    attach::Attach,
    build::Build,
    create::Create,
    events::Events,
    exec::Exec,
    history::History,
    image_prune::ImagePrune,
    images::Images,
    info::Info,
    inspect::Inspect,
    inspect::InspectContainer,
    inspect::InspectImage,
    kill::Kill,
    logs::Logs,
    network_connect::NetworkConnect,
    network_create::NetworkCreate,
    network_disconnect::NetworkDisconnect,
    network_inspect::NetworkInspect,
    network_ls::NetworkLs,
    network_prune::NetworkPrune,
    network_rm::NetworkRm,
    pause::Pause,
    port::Port,
    prune::ContainerPrune,
    ps::Ps,
    pull::Pull,
    rename::Rename,
    restart::Restart,
    rm::Rm,
    rmi::Rmi,
    run::Run,
    start::Start,
    stats::Stats,
    stop::Stop,
    system_prune::SystemPrune,
    tag::Tag,
    top::Top,
    unpause::Unpause,
    version::Version,
    node_demote::NodeDemote,
    node_inspect::NodeInspect,
    node_ls::NodeLs,
    node_promote::NodePromote,
    node_ps::NodePs,
    node_rm::NodeRm,
    node_update::NodeUpdate,
    service_create::ServiceCreate,
    service_inspect::ServiceInspect,
    service_logs::ServiceLogs,
    service_ls::ServiceLs,
    service_ps::ServicePs,
    service_rm::ServiceRm,
    service_scale::ServiceScale,
    service_update::ServiceUpdate,
    swarm_init::SwarmInit,
    swarm_join::SwarmJoin,
    swarm_join_token::SwarmJoinToken,
    swarm_leave::SwarmLeave,
    wait::Wait,
];
