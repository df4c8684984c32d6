//! Builds the page into `target/site`: WebAssembly, its JavaScript, the style sheet, the fonts, and `index.html`.
//! All its URLs are relative, and the place in the course is in the URL's fragment: any web server can serve the folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{fonts, root, site::Folder, steps, style, wasm};

/// What a browser may have to fetch before it shows a lesson, in bytes as sent; and what more where no agent answers.
const MOST_OF_PAGE: u64 = 450_000;
/// The second is the engine, the whole command line and the programs in containers: much, and fetched by nobody who has an
/// agent.
const MOST_IN_PAGE: u64 = 1_300_000;

#[derive(Clone, Copy)]
pub enum Profile {
    Small,
    Dev,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Small => "page",
            Self::Dev => "page-dev",
        }
    }
}

/// Builds the page and gives its folder.
pub fn build(profile: Profile) -> Result<PathBuf> {
    let programs = steps::step("page: compiling to WebAssembly", || compile(profile))?;
    let folder = Folder::new(root().join("target/site"))?;
    steps::step("page: binding it to JavaScript", || {
        bind(&programs, &folder)
    })?;
    let fonts = steps::step("page: cutting the fonts", || fonts::write(&folder))?;
    steps::step("page: putting it together", || assemble(&folder, &fonts))?;
    // Half a minute that whoever is writing the page need not wait for.
    if matches!(profile, Profile::Small) {
        steps::step("page: compressing", || compress(&folder))?;
    }
    Ok(folder.path().to_owned())
}

/// Gives the folder with what was compiled.
fn compile(profile: Profile) -> Result<PathBuf> {
    // A folder of its own: another compiler may be at work here, and cargo's lock on target/ stays free for others.
    let target = root().join("target/page");
    let mut cargo = wasm::cargo_build()?;
    cargo
        .args([
            "--locked",
            "--package",
            "frontend",
            "--package",
            "in-page",
            "--profile",
            profile.name(),
            "--target-dir",
        ])
        .arg(&target);
    steps::run(&mut cargo)?;
    Ok(target.join(wasm::TARGET).join(profile.name()))
}

/// The page's two programs: what cargo calls it, what it is called in the browser. The second is fetched only without an agent.
const PROGRAMS: [(&str, &str); 2] = [("frontend", "causeway"), ("in_page", "in-page")];

/// The names by which the page's files refer to each other, until each has its content's hash in its name.
const BOOT: &str = "boot.js";
const STYLE: &str = "style.css";

fn bind(programs: &Path, site: &Folder) -> Result<()> {
    let bound = root().join("target/page/bound");
    drop(Folder::new(bound.clone())?);
    for (file, name) in PROGRAMS {
        Bindgen::new()
            .input_path(programs.join(file).with_extension("wasm"))
            .web(true)?
            .typescript(false)
            .omit_default_module_path(false)
            .remove_name_section(true)
            .remove_producers_section(true)
            .out_name(name)
            .generate(&bound)?;
    }
    let snippets = bound.join("snippets");
    if snippets.exists() {
        fs::rename(snippets, site.path().join("snippets"))?;
    }
    Ok(())
}

/// From the leaves up: each file names the ones below it by their hashed names.
fn assemble(site: &Folder, fonts: &str) -> Result<()> {
    let [page, in_page] = PROGRAMS.map(|(_, name)| add_program(site, name));
    let (page, in_page) = (page?, in_page?);
    let scripts = [("causeway.js", page.as_str()), ("in-page.js", &in_page)];
    let boot = replaced(&root().join("frontend").join(BOOT), &scripts)?;
    let boot = site.add_hashed(BOOT, boot.as_bytes())?;
    let style = site.add_hashed(STYLE, format!("{fonts}{}", style::sheet()?).as_bytes())?;
    let names = [(STYLE, style.as_str()), scripts[0], (BOOT, &boot)];
    let index = replaced(&root().join("frontend/index.html"), &names)?;
    site.add("index.html", index.as_bytes())
}

/// A program's WebAssembly and the script that starts it, whose name it gives.
fn add_program(site: &Folder, name: &str) -> Result<String> {
    let bound = root().join("target/page/bound");
    let wasm = format!("{name}_bg.wasm");
    let hashed = site.add_hashed(&wasm, &fs::read(bound.join(&wasm))?)?;
    let script = format!("{name}.js");
    let text = replaced(&bound.join(&script), &[(&wasm, &hashed)])?;
    site.add_hashed(&script, text.as_bytes())
}

/// A file's text with these names replaced; that it has none of them is a mistake.
fn replaced(file: &Path, names: &[(&str, &str)]) -> Result<String> {
    let mut text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    for (from, to) in names {
        ensure!(
            text.contains(from),
            "{} does not name {from}",
            file.display()
        );
        text = text.replace(from, to);
    }
    Ok(text)
}

fn compress(site: &Folder) -> Result<()> {
    let sizes = site.compress()?;
    let sizes: Vec<_> = sizes
        .iter()
        // Licences lie beside what they are for; no browser loads them.
        .filter(|(name, _)| !name.contains("-OFL"))
        .collect();
    for (name, size) in sizes.iter().filter(|(_, size)| *size > 5_000) {
        println!("    {name}: {} KB", size / 1000);
    }
    let sum = |of_in_page: bool| {
        let files = sizes.iter();
        let files = files.filter(|(name, _)| name.starts_with("in-page") == of_in_page);
        files.map(|(_, size)| size).sum::<u64>()
    };
    within("the whole page", sum(false), MOST_OF_PAGE)?;
    within("more where no agent answers", sum(true), MOST_IN_PAGE)
}

fn within(what: &str, bytes: u64, most: u64) -> Result<()> {
    println!("    {what}, as sent: {} KB", bytes / 1000);
    ensure!(
        bytes <= most,
        "{what} may have {} KB as sent, and has {} KB: make it smaller, or say in xtask/src/page.rs why it is worth more",
        most / 1000,
        bytes / 1000
    );
    Ok(())
}
