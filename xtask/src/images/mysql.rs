//! `mysql:5.7`: Debian's `MariaDB` behind an entry point that asks for a password as Docker Hub's does. There is no `MySQL` in
//! Debian; a lesson needs its refusal, its start and its port, and both have the same.

use anyhow::Result;
use serde_json::json;

use super::{Image, PATH, folder::Folder, layer_of, linux, packages};

pub const IMAGE: Image = Image {
    name: "mysql",
    tag: "5.7",
    packages: &[
        "mariadb-server-core",
        "mariadb-client-core",
        "mariadb-common",
        "libaio1",
        "libc6",
        "libcap2",
        "libcrypt1",
        "libedit2",
        "libbsd0",
        "libmd0",
        "libgcc-s1",
        "libgcrypt20",
        "libgpg-error0",
        "liblz4-1",
        "liblzma5",
        "libmariadb3",
        "libncurses6",
        "libnuma1",
        "libpcre2-8-0",
        "libssl3",
        "libstdc++6",
        "libsystemd0",
        "libtinfo6",
        "liburing2",
        "libzstd1",
        "zlib1g",
    ],
    fill,
    config: || {
        json!({
            "Env": [PATH, "MYSQL_MAJOR=5.7", "MYSQL_VERSION=5.7.44-1.el7"],
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["mysqld"],
            "ExposedPorts": {"3306/tcp": {}, "33060/tcp": {}},
            "Volumes": {"/var/lib/mysql": {}},
            "WorkingDir": "/",
        })
    },
};

fn fill(image: &Folder) -> Result<()> {
    layer_of(&packages("mysql"), image)?;
    linux::skeleton(
        image,
        &format!(
            "{}mysql:x:999:999:mysql:/var/lib/mysql:/bin/false\n",
            linux::USERS
        ),
    )?;
    linux::install_busybox(image, |_| true)?;
    for name in UNUSED {
        image.remove(name)?;
    }
    for folder in ["var/lib/mysql", "run/mysqld", "etc/mysql/conf.d"] {
        image.make(folder)?;
    }
    image.write("etc/mysql/my.cnf", CONF)?;
    image.link("usr/sbin/mysqld", "/usr/sbin/mariadbd")?;
    image.link("usr/bin/mysql", "/usr/bin/mariadb")?;
    image.link("usr/bin/mysqladmin", "/usr/bin/mariadb-admin")?;
    image.script("usr/local/bin/docker-entrypoint.sh", ENTRYPOINT)
}

/// Large, and only for a server that grows old.
const UNUSED: [&str; 9] = [
    "usr/bin/innochecksum",
    "usr/bin/mariadb-check",
    "usr/bin/mariadb-upgrade",
    "usr/bin/my_print_defaults",
    "usr/bin/resolveip",
    "usr/lib/x86_64-linux-gnu/gconv",
    "usr/share/mysql/fill_help_tables.sql",
    "usr/share/mysql/mysql_sys_schema.sql",
    "usr/share/mysql/mysql_test_db.sql",
];

/// Small: a lab has many containers on one laptop.
const CONF: &str = "\
[mysqld]
user = mysql
datadir = /var/lib/mysql
socket = /run/mysqld/mysqld.sock
pid-file = /run/mysqld/mysqld.pid
bind-address = 0.0.0.0
skip-name-resolve
performance-schema = off
innodb-buffer-pool-size = 8M
innodb-log-file-size = 8M
key-buffer-size = 1M
[client]
socket = /run/mysqld/mysqld.sock
";

const ENTRYPOINT: &str = "\
#!/bin/sh
set -e
note() {
    printf '%s [%s] [Entrypoint]: %s\\n' \"$(date -u '+%Y-%m-%d %H:%M:%S+00:00')\" \"$1\" \"$2\"
}
[ \"$1\" = mysqld ] || exec \"$@\"
note Note 'Entrypoint script for MySQL Server 5.7.44-1.el7 started.'
if [ ! -d /var/lib/mysql/mysql ]; then
    if [ -z \"$MYSQL_ROOT_PASSWORD$MYSQL_ALLOW_EMPTY_PASSWORD$MYSQL_RANDOM_ROOT_PASSWORD\" ]; then
        note ERROR 'Database is uninitialized and password option is not specified
    You need to specify one of the following as an environment variable:
    - MYSQL_ROOT_PASSWORD
    - MYSQL_ALLOW_EMPTY_PASSWORD
    - MYSQL_RANDOM_ROOT_PASSWORD' >&2
        exit 1
    fi
    note Note 'Initializing database files'
    chown -R mysql:mysql /var/lib/mysql /run/mysqld
    {
        printf '%s;\n' 'CREATE DATABASE mysql' 'USE mysql' 'SET @auth_root_socket=NULL'
        cd /usr/share/mysql
        cat mysql_system_tables.sql mysql_performance_tables.sql mysql_system_tables_data.sql
        cd /
    } > /tmp/first.sql
    mysqld --user=mysql --bootstrap < /tmp/first.sql > /dev/null 2>&1
    note Note 'Database files initialized'
    {
        echo 'FLUSH PRIVILEGES;'
        echo \"CREATE OR REPLACE USER root@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';\"
        echo \"GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;\"
        echo \"ALTER USER root@localhost IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';\"
        [ -z \"$MYSQL_DATABASE\" ] || echo \"CREATE DATABASE IF NOT EXISTS $MYSQL_DATABASE;\"
        if [ -n \"$MYSQL_USER\" ] && [ -n \"$MYSQL_PASSWORD\" ]; then
            echo \"CREATE USER IF NOT EXISTS $MYSQL_USER@'%' IDENTIFIED BY '$MYSQL_PASSWORD';\"
            [ -z \"$MYSQL_DATABASE\" ] || echo \"GRANT ALL ON $MYSQL_DATABASE.* TO $MYSQL_USER@'%';\"
        fi
    } > /tmp/first.sql
    mysqld --user=mysql --bootstrap < /tmp/first.sql > /dev/null 2>&1
    rm /tmp/first.sql
    note Note 'MySQL init process done. Ready for start up.'
fi
exec \"$@\"
";
