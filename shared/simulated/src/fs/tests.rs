//! Files as a container sees them.

use jiff::Timestamp;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn files() -> Files {
    let layer = [
        ("/bin", Node::folder(0o755, NOW)),
        ("/bin/busybox", Node::file(Content::Program(10), 0o755, NOW)),
        ("/bin/sh", Node::link("busybox", NOW)),
        ("/etc", Node::folder(0o755, NOW)),
        ("/etc/passwd", Node::file("root", 0o644, NOW)),
        ("/var", Node::link("/etc", NOW)),
        ("/loop", Node::link("/loop", NOW)),
    ];
    let layer = layer.map(|(path, node)| (path.to_owned(), node));
    Files::on(vec![Arc::new(layer.into_iter().collect())])
}

#[test]
fn links_are_followed() {
    let files = files();
    assert_eq!(files.read("/var/passwd"), Ok(Bytes::from("root")));
    assert_eq!(
        files.real("/var/../bin/sh", true).as_deref(),
        Ok("/bin/busybox")
    );
    assert_eq!(files.real("/bin/sh", false).as_deref(), Ok("/bin/sh"));
    assert_eq!(files.stat("/loop"), Err(FileError::TooManyLinks));
    assert_eq!(files.stat("/etc/passwd/x"), Err(FileError::NotAFolder));
    assert_eq!(files.stat("/nowhere/x"), Err(FileError::Missing));
}

#[test]
fn changes_are_over_the_layers_and_hide_them() {
    let (mut files, untouched) = (files(), files());
    assert_eq!(files.write("/etc/motd", "hi", NOW), Ok(()));
    assert_eq!(files.remove("/etc/passwd"), Ok(()));
    assert_eq!(files.list("/etc"), Ok(vec!["motd".to_owned()]));
    assert_eq!(untouched.list("/etc"), Ok(vec!["passwd".to_owned()]));
    assert_eq!(files.remove_all("/etc"), Ok(()));
    assert_eq!(files.stat("/etc"), Err(FileError::Missing));
    assert_eq!(files.make_folder("/etc", 0o755, NOW), Ok(()));
    assert_eq!(files.list("/etc"), Ok(vec![]));
    assert_eq!(files.write("/nowhere/x", "", NOW), Err(FileError::Missing));
    assert_eq!(files.write("/bin", "", NOW), Err(FileError::IsFolder));
}

#[test]
fn a_saved_container_has_only_its_changes() {
    let mut files = files();
    assert_eq!(files.append("/etc/passwd", b"\xff", NOW), Ok(()));
    let saved = serde_json::to_string(&files).unwrap_or_default();
    let mut restored: Files = serde_json::from_str(&saved).unwrap_or_default();
    assert_eq!(restored.stat("/bin"), Err(FileError::Missing));
    restored.restore(files.layers().to_vec());
    assert_eq!(
        restored.read("/var/passwd"),
        Ok(Bytes::from(&b"root\xff"[..]))
    );
    assert_eq!(restored.list("/"), files.list("/"));
}

#[test]
fn what_is_moved_goes_whole() {
    let mut files = files();
    assert_eq!(files.rename("/etc", "/etc/deeper"), Err(FileError::Invalid));
    assert_eq!(files.rename("/etc", "/conf"), Ok(()));
    assert_eq!(files.read("/conf/passwd"), Ok(Bytes::from("root")));
    assert_eq!(files.stat("/etc"), Err(FileError::Missing));
    assert_eq!(
        files.rename("/conf/passwd", "/bin"),
        Err(FileError::IsFolder)
    );
}

#[test]
fn an_unpacked_archive_replaces_what_is_there() {
    let mut files = files();
    assert_eq!(files.put("/etc", Node::file("x", 0o600, NOW)), Ok(()));
    assert_eq!(files.read("/etc"), Ok(Bytes::from("x")));
    assert_eq!(
        files.put("/app/web/index.html", Node::file("y", 0o644, NOW)),
        Ok(())
    );
    assert_eq!(files.list("/app"), Ok(vec!["web".to_owned()]));
}

#[test]
fn the_images_have_their_files() {
    for image in ["busybox", "alpine", "nginx", "redis", "mysql", "python"] {
        let files = Files::on(rootfs(image).into_iter().collect());
        assert_eq!(files.real("/bin/sh", true).as_deref(), Ok("/bin/busybox"));
        assert!(
            files
                .read("/etc/passwd")
                .is_ok_and(|text| text.starts_with(b"root:x:0:0:"))
        );
    }
    assert!(rootfs("nosuch").is_none());
}
