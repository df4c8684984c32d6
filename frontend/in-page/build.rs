//! Reads our course when the page is built, so that the page carries its lessons and no reader of Markdown.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = env::var_os("OUT_DIR")
        .ok_or("cargo names no OUT_DIR")?
        .into();
    let course = serde_json::to_string(&course::our_course())?;
    fs::write(folder.join("course.json"), course)?;
    // The course is a dependency of this script: cargo runs it again when a lesson changes.
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
