//! nginx as its image runs it: listens on port 80, writes a line for each request, ends on QUIT, TERM and INT.

use crate::{
    Simulated,
    process::{INT, Process, QUIT, TERM},
};

pub const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";

pub async fn nginx(process: Process) -> i64 {
    {
        let mut world = process.world.world();
        if let Some(container) = world.containers.get_mut(&process.container) {
            container.listening.insert(80);
        }
    }
    process.complain(&format!(
        "{} [notice] 1#1: start worker processes\n",
        log_time(&process.world, "%Y/%m/%d %H:%M:%S")
    ));
    process.handle(&[QUIT, TERM, INT]);
    process.wait(None, false).await;
    0
}

/// Answers one request: the body, and the line in the log.
pub fn answer(
    world: &Simulated,
    container: &str,
    peer: &str,
    path: &str,
    agent: &str,
) -> (u16, &'static str) {
    let (status, body) = match path {
        "/" | "/index.html" => (200, WELCOME),
        _ => (
            404,
            "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        ),
    };
    let time = log_time(world, "%d/%b/%Y:%H:%M:%S +0000");
    let line = format!(
        "{peer} - - [{time}] \"GET {path} HTTP/1.1\" {status} {} \"-\" \"{agent}\" \"-\"\n",
        body.len()
    );
    let now = world.now();
    if let Some(container) = world.world().containers.get(container) {
        container.io.lock().write(now, false, line.as_bytes());
    }
    (status, body)
}

fn log_time(world: &Simulated, format: &str) -> String {
    world.now().strftime(format).to_string()
}
