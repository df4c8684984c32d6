//! A lesson that was added or removed makes the course new.

fn main() {
    println!("cargo::rerun-if-changed=lessons");
}
