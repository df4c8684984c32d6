//! Builds the page into `target/site`: WebAssembly, its JavaScript, the style sheet, and `index.html`.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{root, steps, wasm};

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
    let wasm = steps::step("page: compiling to WebAssembly", || compile(profile))?;
    steps::step("page: putting it together", || assemble(&wasm))
}

/// The page as plain files.
pub fn site() -> Result<()> {
    let folder = build(Profile::Small)?;
    println!("The page is in {}: serve this folder with any web server.", folder.display());
    Ok(())
}

fn compile(profile: Profile) -> Result<PathBuf> {
    let target = root().join("target/page");
    let mut cargo = wasm::cargo_build()?;
    cargo
        .current_dir(root())
        .args(["--locked", "--package", "frontend", "--profile", profile.name()])
        .arg("--target-dir")
        .arg(&target);
    steps::run(&mut cargo)?;
    Ok(target.join("wasm32-unknown-unknown").join(profile.name()).join("frontend.wasm"))
}

fn assemble(wasm: &Path) -> Result<PathBuf> {
    let site = root().join("target/site");
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    fs::create_dir_all(&site)?;
    Bindgen::new().input_path(wasm).web(true)?.typescript(false).out_name("causeway").generate(&site)?;
    fs::write(site.join("style.css"), style()?)?;
    for name in ["index.html", "boot.js"] {
        let from = root().join("frontend").join(name);
        fs::copy(&from, site.join(name)).with_context(|| from.display().to_string())?;
    }
    for entry in fs::read_dir(&site)? {
        compress(&entry?.path())?;
    }
    Ok(site)
}

/// All style sheets as one: tokens first, the components after them by name.
fn style() -> Result<String> {
    let mut sheets: Vec<PathBuf> = fs::read_dir(root().join("style"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    sheets.retain(|sheet| sheet.extension().is_some_and(|extension| extension == "css"));
    sheets.sort_by_key(|sheet| {
        let name = sheet.file_name().unwrap_or_default().to_owned();
        (name != "tokens.css", name != "base.css", name)
    });
    let texts: Vec<String> = sheets.iter().map(fs::read_to_string).collect::<Result<_, _>>()?;
    Ok(texts.concat())
}

/// A brotli twin beside each file: the agent sends it to browsers that take it.
fn compress(file: &Path) -> Result<()> {
    if file.is_dir() {
        return Ok(());
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    let mut writer = brotli::CompressorWriter::new(fs::File::create(&name)?, 64 * 1024, 11, 22);
    writer.write_all(&fs::read(file)?)?;
    writer.flush()?;
    drop(writer);
    let size = fs::metadata(&name)?.len();
    if size > 20_000 {
        println!("    {}: {} KB as sent", file.file_name().unwrap_or_default().to_string_lossy(), size / 1000);
    }
    Ok(())
}
