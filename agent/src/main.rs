//! `causeway`: see [`causeway::app`].

fn main() {}
