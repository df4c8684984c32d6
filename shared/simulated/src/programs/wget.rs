//! busybox's `wget`, over HTTP.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use super::{
    http::{Request, Response, Wire},
    usage::{self, Options},
};
use crate::{net::Errno, process::Process};

struct Url {
    host: String,
    port: u16,
    target: String,
}

pub async fn wget(process: Process) -> i64 {
    let long = [
        "spider",
        "header=",
        "post-data=",
        "no-check-certificate",
        "quiet",
        "output-document=",
        "timeout=",
        "user-agent=",
        "server-response",
    ];
    let options = match Options::read(&process, "cqSO:o:P:U:Y:T:t:", &long) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if options.rest.is_empty() {
        return usage::show(&process);
    }
    let mut status = 0;
    for url in &options.rest {
        if let Err(message) = fetch(&process, &options, url).await {
            if !message.is_empty() {
                process.complain(&format!("wget: {message}\n"));
            }
            status = 1;
            break;
        }
    }
    status
}

fn url(text: &str) -> Result<Url, String> {
    if text.starts_with("https://") {
        return Err("causeway: not simulated: https".to_owned());
    }
    if let Some((scheme, _)) = text
        .split_once("://")
        .filter(|(scheme, _)| *scheme != "http")
    {
        return Err(format!("not an http or ftp url: {scheme}://"));
    }
    let rest = text.strip_prefix("http://").unwrap_or(text);
    let (authority, target) = match rest.find(['/', '?']) {
        Some(at) if rest[at..].starts_with('/') => (&rest[..at], rest[at..].to_owned()),
        Some(at) => (&rest[..at], format!("/{}", &rest[at..])),
        None => (rest, "/".to_owned()),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (
            host,
            port.parse()
                .map_err(|_| format!("bad port spec '{authority}'"))?,
        ),
        None => (authority, 80),
    };
    Ok(Url {
        host: host.to_owned(),
        port,
        target,
    })
}

async fn fetch(process: &Process, options: &Options, text: &str) -> Result<(), String> {
    let quiet = options.has("q") || options.has("quiet");
    let mut url = url(text)?;
    for _ in 0..20 {
        let response = ask(process, options, &url, quiet).await?;
        match response.status {
            200..=206 => return finish(process, options, &url, &response, quiet),
            300..=308 => {
                let Some(location) = response.headers.get("Location") else {
                    return Err(refused(&response));
                };
                url = if location.starts_with('/') {
                    Url {
                        target: location.to_owned(),
                        ..url
                    }
                } else {
                    self::url(location)?
                };
            }
            _ => return Err(refused(&response)),
        }
    }
    Err("too many redirections".to_owned())
}

fn refused(response: &Response) -> String {
    format!(
        "server returned error: HTTP/1.1 {} {}",
        response.status, response.reason
    )
}

async fn ask(
    process: &Process,
    options: &Options,
    url: &Url,
    quiet: bool,
) -> Result<Response, String> {
    let host = &url.host;
    let found = process.net().resolve(host);
    let Some(address) = found.first().copied() else {
        return Err(format!("bad address '{host}'"));
    };
    let shown = if url.port == 80 {
        host.clone()
    } else {
        format!("{host}:{}", url.port)
    };
    if !quiet {
        process.complain(&format!(
            "Connecting to {shown} ({})\n",
            SocketAddr::new(address, url.port)
        ));
    }
    let agent = options
        .value("U")
        .or_else(|| options.value("user-agent"))
        .unwrap_or("Wget");
    let mut request = Request::get(&shown, &url.target, agent);
    for header in options.values("header") {
        if let Some((name, value)) = header.split_once(':') {
            request
                .headers
                .0
                .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            request.headers.push(name, value.trim());
        }
    }
    if let Some(data) = options.value("post-data") {
        "POST".clone_into(&mut request.method);
        request
            .headers
            .push("Content-Type", "application/x-www-form-urlencoded");
        request
            .headers
            .push("Content-Length", data.len().to_string());
        request.body = data.to_owned().into();
    }
    let patience = options
        .value("T")
        .or_else(|| options.value("timeout"))
        .and_then(|text| text.parse().ok());
    let response = answer(
        process,
        address,
        url.port,
        &request,
        patience.map(Duration::from_secs),
    )
    .await?;
    if options.has("S") || options.has("server-response") {
        let mut text = format!("  HTTP/1.1 {} {}\n", response.status, response.reason);
        if response.status < 400 {
            for (name, value) in &response.headers.0 {
                let _ = writeln!(text, "  {name}: {value}");
            }
            text.push_str("  \n");
        }
        process.complain(&text);
    }
    Ok(response)
}

async fn answer(
    process: &Process,
    address: IpAddr,
    port: u16,
    request: &Request,
    patience: Option<Duration>,
) -> Result<Response, String> {
    let connected = process
        .net()
        .connect(SocketAddr::new(address, port), patience)
        .await;
    let stream = connected.map_err(|errno| match errno {
        Errno::TimedOut if patience.is_some() => "download timed out".to_owned(),
        errno => format!("can't connect to remote host ({address}): {}", errno.text()),
    })?;
    let sent = stream.write(request.bytes()).await;
    sent.map_err(|errno| format!("error getting response: {}", errno.text()))?;
    let mut wire = Wire::new(&stream);
    wire.response(true)
        .await
        .ok_or_else(|| "error getting response: Connection reset by peer".to_owned())
}

fn finish(
    process: &Process,
    options: &Options,
    url: &Url,
    response: &Response,
    quiet: bool,
) -> Result<(), String> {
    if options.has("spider") {
        if !quiet {
            process.complain("remote file exists\n");
        }
        return Ok(());
    }
    let named = options
        .value("O")
        .or_else(|| options.value("output-document"));
    let last = url
        .target
        .split('?')
        .next()
        .unwrap_or_default()
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let default = if last.is_empty() { "index.html" } else { last };
    let default = match options.value("P") {
        Some(folder) => format!("{folder}/{default}"),
        None => default.to_owned(),
    };
    let (begins, shown, ends) = match named {
        Some("-") => (
            "writing to stdout".to_owned(),
            "-",
            "written to stdout".to_owned(),
        ),
        Some(file) => (
            format!("saving to '{file}'"),
            file,
            format!("'{file}' saved"),
        ),
        None => (
            format!("saving to '{default}'"),
            default.as_str(),
            format!("'{default}' saved"),
        ),
    };
    let shown = shown.rsplit('/').next().unwrap_or(shown);
    if !quiet {
        process.complain(&format!("{begins}\n"));
    }
    match named {
        Some("-") => process.write(1, &response.body),
        file => {
            let file = file.unwrap_or(&default);
            if file != "/dev/null" {
                if file == default && named.is_none() && process.exists(file) {
                    return Err(format!("can't open '{file}': File exists"));
                }
                let written = process.write_file(file, response.body.clone());
                written.map_err(|error| format!("can't open '{file}': {error}"))?;
            }
        }
    }
    if !quiet {
        process.complain(&progress(process, shown, response.body.len()));
        process.complain(&format!("{ends}\n"));
    }
    Ok(())
}

/// The bar as it stands at the end.
fn progress(process: &Process, name: &str, size: usize) -> String {
    let columns = if process.is_terminal(2) {
        usize::from(process.io.lock().size.columns)
    } else {
        80
    };
    let bar = columns.saturating_sub(20 + 8 + 20).max(1);
    let short: String = name.chars().take(20).collect();
    let amount = if size < 100_000 {
        format!("{size:>5}")
    } else {
        format!("{:>4}k", size / 1024)
    };
    let start = if process.is_terminal(2) { "\r" } else { "" };
    format!(
        "{start}{short:<20} 100% |{}| {amount}  0:00:00 ETA\n",
        "*".repeat(bar)
    )
}
