//! nginx's configuration: blocks and directives, read from the container's files, and what the servers in it do.

use std::{collections::BTreeSet, net::SocketAddr};

use crate::process::Process;

/// What is wrong, as nginx says it.
#[derive(Debug)]
pub struct Wrong(pub String);

#[derive(Clone, Debug, Default)]
pub struct Conf {
    pub servers: Vec<Server>,
}

#[derive(Clone, Debug, Default)]
pub struct Server {
    pub ports: Vec<u16>,
    /// As `listen … default_server` says.
    pub names: Vec<String>,
    pub locations: Vec<Location>,
    pub own: Location,
}

#[derive(Clone, Debug, Default)]
pub struct Location {
    pub path: String,
    pub exact: bool,
    pub root: Option<String>,
    pub alias: Option<String>,
    pub index: Vec<String>,
    pub answer: Option<(u16, String)>,
    pub proxy: Option<Proxy>,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct Proxy {
    /// `api:5000`
    pub authority: String,
    /// Put in the place of the location's path, if there is one.
    pub path: Option<String>,
    pub addresses: Vec<SocketAddr>,
    place: String,
}

/// A directive with its words, and a block's own directives.
struct Directive {
    words: Vec<String>,
    block: Option<Vec<Directive>>,
    place: String,
}

impl Conf {
    pub fn read(process: &Process, file: &str) -> Result<Self, Wrong> {
        let all = directives(process, file, 0)?;
        let mut conf = Self::default();
        for http in all.iter().filter(|directive| directive.is("http")) {
            for server in http.inside().filter(|directive| directive.is("server")) {
                conf.servers.push(Server::of(server)?);
            }
        }
        Ok(conf)
    }

    /// Names of upstreams are looked up once, at the start.
    pub fn resolve(mut self, process: &Process) -> Result<Self, Wrong> {
        for server in &mut self.servers {
            let locations = server.locations.iter_mut().chain([&mut server.own]);
            for proxy in locations.filter_map(|location| location.proxy.as_mut()) {
                let (host, port) = proxy
                    .authority
                    .rsplit_once(':')
                    .unwrap_or((&proxy.authority, "80"));
                let port = port.parse().map_err(|_| {
                    Wrong(format!(
                        "invalid port in upstream \"{}\" in {}",
                        proxy.authority, proxy.place
                    ))
                })?;
                let found = process.net().resolve(host);
                if found.is_empty() {
                    return Err(Wrong(format!(
                        "host not found in upstream \"{host}\" in {}",
                        proxy.place
                    )));
                }
                proxy.addresses = found
                    .into_iter()
                    .map(|address| SocketAddr::new(address, port))
                    .collect();
            }
        }
        Ok(self)
    }

    pub fn ports(&self) -> BTreeSet<u16> {
        self.servers
            .iter()
            .flat_map(|server| server.ports.iter().copied())
            .collect()
    }

    /// By port and by the `Host` header; the first of a port where no name fits.
    pub fn server(&self, port: u16, host: &str) -> Option<&Server> {
        let host = host.split(':').next().unwrap_or_default();
        let mut here = self
            .servers
            .iter()
            .filter(|server| server.ports.contains(&port));
        let first = here.clone().next();
        here.find(|server| server.names.iter().any(|name| name == host))
            .or(first)
    }
}

impl Server {
    fn of(server: &Directive) -> Result<Self, Wrong> {
        let mut found = Self::default();
        for directive in server.inside() {
            match directive.name() {
                "listen" => found.ports.extend(port(directive.word(1))),
                "server_name" => found.names.extend(directive.words[1..].iter().cloned()),
                "location" => found.locations.push(Location::of(directive)?),
                _ => found.own.take(directive)?,
            }
        }
        if found.ports.is_empty() {
            found.ports.push(80);
        }
        found.ports.dedup();
        Ok(found)
    }

    /// `server: localhost` in the log.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The exact one, or the one with the longest path that fits.
    pub fn location(&self, path: &str) -> &Location {
        let fits = |location: &&Location| {
            if location.exact {
                location.path == path
            } else {
                path.starts_with(&location.path)
            }
        };
        let found = self.locations.iter().filter(fits);
        found
            .max_by_key(|location| (location.exact, location.path.len()))
            .unwrap_or(&self.own)
    }
}

fn port(word: &str) -> Option<u16> {
    // `[::]:80` is the same port once more.
    word.rsplit(':').next()?.parse().ok()
}

impl Location {
    fn of(directive: &Directive) -> Result<Self, Wrong> {
        let mut found = Self::default();
        match &directive.words[1..] {
            [path] => found.path.clone_from(path),
            [how, path] if how == "=" || how == "^~" => {
                found.path.clone_from(path);
                found.exact = how == "=";
            }
            _ => {
                return Err(Wrong(format!(
                    "causeway: not simulated: location with a pattern in {}",
                    directive.place
                )));
            }
        }
        for inner in directive.inside() {
            found.take(inner)?;
        }
        Ok(found)
    }

    fn take(&mut self, directive: &Directive) -> Result<(), Wrong> {
        match directive.name() {
            "root" => self.root = Some(directive.word(1).to_owned()),
            "alias" => self.alias = Some(directive.word(1).to_owned()),
            "index" => self.index = directive.words[1..].to_vec(),
            "return" => {
                let status = directive.word(1).parse().unwrap_or(302);
                self.answer = Some((status, directive.words.last().cloned().unwrap_or_default()));
            }
            "proxy_set_header" => {
                let header = (directive.word(1).to_owned(), directive.word(2).to_owned());
                self.headers.push(header);
            }
            "proxy_pass" => {
                let place = &directive.place;
                let Some(rest) = directive.word(1).strip_prefix("http://") else {
                    return Err(Wrong(format!("invalid URL prefix in {place}")));
                };
                let path = rest.find('/').map(|at| rest[at..].to_owned());
                let authority = rest.split('/').next().unwrap_or_default().to_owned();
                self.proxy = Some(Proxy {
                    authority,
                    path,
                    addresses: Vec::new(),
                    place: place.clone(),
                });
            }
            _ => {}
        }
        Ok(())
    }
}

impl Directive {
    fn name(&self) -> &str {
        self.word(0)
    }

    fn word(&self, index: usize) -> &str {
        self.words.get(index).map_or("", String::as_str)
    }

    fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    fn inside(&self) -> impl Iterator<Item = &Self> {
        self.block.iter().flatten()
    }
}

fn directives(process: &Process, file: &str, depth: usize) -> Result<Vec<Directive>, Wrong> {
    let content = process
        .read_file(file)
        .map_err(|error| Wrong(format!("open() \"{file}\" failed (2: {error})")))?;
    let text = String::from_utf8_lossy(&content).into_owned();
    let mut reader = Reader {
        process,
        file,
        tokens: tokens(&text),
        at: 0,
        depth,
    };
    reader.block(false)
}

struct Reader<'a> {
    process: &'a Process,
    file: &'a str,
    /// With their lines.
    tokens: Vec<(String, bool, usize)>,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn block(&mut self, inside: bool) -> Result<Vec<Directive>, Wrong> {
        let mut found = Vec::new();
        let mut words: Vec<String> = Vec::new();
        while let Some((text, quoted, line)) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            let place = format!("{}:{line}", self.file);
            let special = if quoted { "" } else { text.as_str() };
            match special {
                "}" if inside && words.is_empty() => return Ok(found),
                "}" => return Err(Wrong(format!("unexpected \"}}\" in {place}"))),
                ";" | "{" if words.is_empty() => {
                    return Err(Wrong(format!("unexpected \"{text}\" in {place}")));
                }
                ";" => {
                    let words = std::mem::take(&mut words);
                    if words[0] == "include" {
                        found.extend(self.include(words.get(1).map_or("", String::as_str))?);
                        continue;
                    }
                    known(&words[0], &place)?;
                    found.push(Directive {
                        words,
                        block: None,
                        place,
                    });
                }
                "{" => {
                    let words = std::mem::take(&mut words);
                    known(&words[0], &place)?;
                    let block = Some(self.block(true)?);
                    found.push(Directive {
                        words,
                        block,
                        place,
                    });
                }
                _ => words.push(text),
            }
        }
        let line = self.tokens.last().map_or(1, |(_, _, line)| line + 1);
        if inside || !words.is_empty() {
            let what = if inside { "\"}\"" } else { "\";\" or \"}\"" };
            return Err(Wrong(format!(
                "unexpected end of file, expecting {what} in {}:{line}",
                self.file
            )));
        }
        Ok(found)
    }

    fn include(&self, pattern: &str) -> Result<Vec<Directive>, Wrong> {
        if pattern.ends_with("mime.types") || self.depth > 8 {
            return Ok(Vec::new());
        }
        let Some((folder, start)) = pattern
            .rsplit_once('/')
            .filter(|(_, name)| name.starts_with('*'))
        else {
            return directives(self.process, pattern, self.depth + 1);
        };
        let ending = &start[1..];
        let names = self.process.list(folder).unwrap_or_default();
        let files = names.into_iter().filter(|name| name.ends_with(ending));
        let all =
            files.map(|name| directives(self.process, &format!("{folder}/{name}"), self.depth + 1));
        Ok(all
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .collect())
    }
}

/// Words, `{`, `}` and `;`, each with whether it was quoted and its line.
fn tokens(text: &str) -> Vec<(String, bool, usize)> {
    let mut found = Vec::new();
    let mut letters = text.chars().peekable();
    let mut line = 1;
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => line += 1,
            ' ' | '\t' | '\r' => {}
            '#' => while letters.next_if(|letter| *letter != '\n').is_some() {},
            '{' | '}' | ';' => found.push((letter.to_string(), false, line)),
            '"' | '\'' => {
                let start = line;
                let mut word = String::new();
                while let Some(next) = letters.next().filter(|next| *next != letter) {
                    line += usize::from(next == '\n');
                    word.push(if next == '\\' {
                        letters.next().unwrap_or('\\')
                    } else {
                        next
                    });
                }
                found.push((word, true, start));
            }
            first => {
                let mut word = first.to_string();
                while let Some(next) =
                    letters.next_if(|next| !next.is_whitespace() && !";{}".contains(*next))
                {
                    // `${name}` is a part of a word.
                    word.push(next);
                    if next == '$' && letters.peek() == Some(&'{') {
                        word.extend(letters.by_ref().take_while(|letter| *letter != '}'));
                        word.push('}');
                    }
                }
                found.push((word, false, line));
            }
        }
    }
    found
}

/// A directive that nginx does not know is a mistake; these are those that people write.
fn known(name: &str, place: &str) -> Result<(), Wrong> {
    const KNOWN: [&str; 62] = [
        "access_log",
        "add_header",
        "alias",
        "allow",
        "auth_basic",
        "auth_basic_user_file",
        "autoindex",
        "charset",
        "client_body_timeout",
        "client_max_body_size",
        "daemon",
        "default_type",
        "deny",
        "env",
        "error_log",
        "error_page",
        "events",
        "expires",
        "fastcgi_pass",
        "gzip",
        "gzip_types",
        "http",
        "if",
        "include",
        "index",
        "internal",
        "keepalive",
        "keepalive_timeout",
        "listen",
        "location",
        "log_format",
        "map",
        "multi_accept",
        "pid",
        "proxy_buffering",
        "proxy_cache",
        "proxy_connect_timeout",
        "proxy_http_version",
        "proxy_next_upstream",
        "proxy_pass",
        "proxy_read_timeout",
        "proxy_redirect",
        "proxy_send_timeout",
        "proxy_set_header",
        "resolver",
        "return",
        "rewrite",
        "root",
        "sendfile",
        "server",
        "server_name",
        "server_tokens",
        "set",
        "ssl_certificate",
        "ssl_certificate_key",
        "tcp_nodelay",
        "tcp_nopush",
        "try_files",
        "upstream",
        "user",
        "worker_connections",
        "worker_processes",
    ];
    if KNOWN.contains(&name) {
        return Ok(());
    }
    Err(Wrong(format!("unknown directive \"{name}\" in {place}")))
}
