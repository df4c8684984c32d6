//! Debian's packages: installs what is missing where that is ours to do (root on Debian), and says so; elsewhere
//! names the one command that would help. It also unpacks packages beside the system, without installing them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{root, steps};

/// Makes sure that these packages are there. `why` begins the sentence "… needs …".
pub fn need(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root_on_debian() {
        bail!(
            "{why} needs {}: on Debian, `sudo apt-get install {}`",
            missing.join(", "),
            missing.join(" ")
        );
    }
    let what = format!("{why} needs {}: installing from Debian", missing.join(", "));
    steps::step(&what, || {
        let install = ["install", "-y", "-qq", "--no-install-recommends"];
        let install = [&install, missing.as_slice()].concat();
        if missing.iter().all(|package| is_known(package)) && apt(&install).is_ok() {
            return Ok(());
        }
        // No lists yet, or older ones that name files which are no more.
        update()?;
        apt(&install)
    })
}

pub fn is_root_on_debian() -> bool {
    is_root() && Path::new("/etc/debian_version").exists()
}

pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

pub fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f", "${Status}", package])
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| output.stdout.ends_with(b" installed"))
}

/// Whether there is such a program, and it runs.
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether the lists name this package.
pub fn is_known(package: &str) -> bool {
    Command::new("apt-cache")
        .args(["show", "--no-all-versions", package])
        .output()
        .is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}

/// Fetches the lists, where there are none for `package`.
pub fn need_lists(package: &str) -> Result<()> {
    if is_known(package) {
        Ok(())
    } else {
        steps::step("fetching Debian's lists of packages", update)
    }
}

/// Makes sure that `folder` holds these packages of a suite (`bookworm`), unpacked beside the system: nothing is
/// installed, and the system's lists and sources stay as they are.
pub fn unpacked(packages: &[&str], suite: &str, folder: &Path) -> Result<()> {
    // Written last: a folder without it is what an interrupted run left.
    let done = folder.join(".unpacked");
    let wanted = format!("{suite}: {}\n", packages.join(" "));
    if fs::read_to_string(&done).is_ok_and(|unpacked| unpacked == wanted) {
        return Ok(());
    }
    if !is_root_on_debian() {
        bail!("Debian's packages are needed, and root to run what is in them: on Debian, `sudo`");
    }
    let what = format!("unpacking from Debian {suite}: {}", packages.join(", "));
    steps::step(&what, || {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let lists = OwnLists::fetch(suite)?;
        for archive in lists.download(packages, &folder.with_extension("debs"))? {
            let mut unpack = Command::new("dpkg-deb");
            steps::run(unpack.arg("-x").arg(archive).arg(folder))?;
        }
        fs::remove_dir_all(folder.with_extension("debs"))?;
        Ok(fs::write(&done, &wanted)?)
    })
}

/// An apt world of its own: its lists, its cache, its sources. The machine lends its mirror and Debian's keys.
struct OwnLists {
    config: PathBuf,
}

impl OwnLists {
    fn fetch(suite: &str) -> Result<Self> {
        let folder = root().join("target/apt").join(suite);
        for name in ["lists/partial", "archives/partial"] {
            fs::create_dir_all(folder.join(name))?;
        }
        fs::write(folder.join("status"), "")?;
        let keys = "/usr/share/keyrings/debian-archive-keyring.gpg";
        let line = format!("deb [signed-by={keys}] {} {suite} main\n", mirror()?);
        fs::write(folder.join("sources.list"), line)?;
        let here = folder.display();
        let text = format!(
            "Dir::Etc::sourcelist \"{here}/sources.list\";\nDir::Etc::sourceparts \"-\";\n\
             Dir::State \"{here}\";\nDir::State::status \"{here}/status\";\nDir::Cache \"{here}\";\n\
             APT::Sandbox::User \"root\";\nAcquire::Languages \"none\";\n"
        );
        let config = folder.join("apt.conf");
        fs::write(&config, text)?;
        let lists = Self { config };
        steps::run(lists.apt_get().arg("update"))?;
        Ok(lists)
    }

    /// The packages' files, in a folder that holds nothing else.
    fn download(&self, packages: &[&str], folder: &Path) -> Result<Vec<PathBuf>> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
        let mut get = self.apt_get();
        steps::run(get.arg("download").args(packages).current_dir(folder))?;
        let files = fs::read_dir(folder)?;
        Ok(files
            .map(|file| file.map(|file| file.path()))
            .collect::<Result<_, _>>()?)
    }

    fn apt_get(&self) -> Command {
        let mut apt = Command::new("apt-get");
        apt.arg("-qq").env("APT_CONFIG", &self.config);
        apt
    }
}

/// The Debian mirror that this machine's own sources name.
fn mirror() -> Result<String> {
    let mut files = vec![PathBuf::from("/etc/apt/sources.list")];
    if let Ok(more) = fs::read_dir("/etc/apt/sources.list.d") {
        files.extend(more.flatten().map(|entry| entry.path()));
    }
    files.sort();
    let mut texts = files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok());
    texts
        .find_map(|text| mirror_in(&text))
        .context("none of this machine's apt sources names a Debian mirror: /etc/apt/sources.list.d/debian.sources")
}

/// The first mirror in a file of sources, in either of apt's two notations.
fn mirror_in(sources: &str) -> Option<String> {
    sources
        .lines()
        .filter(|line| line.starts_with("URIs:") || line.starts_with("deb "))
        .flat_map(str::split_whitespace)
        .find(|word| word.starts_with("http") && word.trim_end_matches('/').ends_with("/debian"))
        .map(str::to_owned)
}

fn update() -> Result<()> {
    apt(&["update", "-qq"])
}

fn apt(arguments: &[&str]) -> Result<()> {
    steps::run(
        Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(Stdio::null()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sources: &str, expected: Option<&str>) {
        assert_eq!(mirror_in(sources).as_deref(), expected);
    }

    #[test]
    fn the_mirror_is_the_machines_own() {
        check(
            "deb http://deb.example/debian bookworm main\n",
            Some("http://deb.example/debian"),
        );
        check(
            "# old\nTypes: deb\nURIs: https://m.example/debian/\nSuites: bookworm\n",
            Some("https://m.example/debian/"),
        );
        check("deb https://packages.example/apt other main\n", None);
        check("URIs: http://deb.example/debian-security\n", None);
        check("", None);
    }
}
