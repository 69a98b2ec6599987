//! Servers by their configuration: web, FTP, remote desktops, container engines. Each planted tree has a clean twin.

use crate::{Said, Tree};
use evidence::GapReason;

/// The row of this fact, whose first field has this value, holds these parts and stands at this place.
fn holds(said: &Said, id: &str, name: &str, parts: &[&str], at: &str) {
    let (text, place) = said.row(id, "name", name).unwrap_or_else(|| panic!("{id} {name}: {:?}", said.rows(id)));
    for part in parts {
        assert!(text.contains(part), "{id}: {text} has no {part}");
    }
    assert_eq!(place, at, "{id}");
}

#[test]
fn nginx_with_its_includes() {
    let t = Tree::new();
    t.file(
        "etc/nginx/nginx.conf",
        "user www-data;\nhttp {\n  include /etc/nginx/sites-enabled/*;\n  # autoindex on;\n}\n",
    );
    t.file(
        "etc/nginx/sites-available/shop",
        "server {\n  listen 80 default_server;\n  listen [::]:443 ssl;\n  ssl_protocols TLSv1 TLSv1.2;\n  root /srv/shop;\n  location /up { autoindex on; dav_methods PUT; alias /srv/up; }\n}\n",
    );
    t.link("etc/nginx/sites-enabled/shop", "/etc/nginx/sites-available/shop");
    let said = Said::root(&t.0);
    let parts = [
        "listen=80, [::]:443 ssl",
        "root=/srv/shop, /srv/up",
        "autoindex=true",
        "server_tokens=true",
        "tls_old=true",
        "dav=true",
    ];
    holds(&said, "web.server", "nginx", &parts, "/etc/nginx/nginx.conf");

    let t = Tree::new();
    t.file(
        "etc/nginx/nginx.conf",
        "http {\n  server_tokens off;\n  ssl_protocols TLSv1.2 TLSv1.3;\n  include conf.d/*.conf;\n}\n",
    );
    t.file("etc/nginx/conf.d/a.conf", "server { listen 443 ssl; root /srv/a; }\n");
    t.file("etc/nginx/conf.d/a.conf.off", "server { listen 8080; autoindex on; }\n");
    let said = Said::root(&t.0);
    let parts = ["listen=443 ssl", "autoindex=false", "server_tokens=false", "tls_old=false", "dav=false"];
    holds(&said, "web.server", "nginx", &parts, "/etc/nginx/nginx.conf");
}

#[test]
fn apache_with_its_includes() {
    let t = Tree::new();
    t.file(
        "etc/apache2/apache2.conf",
        "IncludeOptional mods-enabled/*.conf\nInclude ports.conf\n<Directory /var/www/>\n  Options Indexes FollowSymLinks\n</Directory>\nIncludeOptional sites-enabled/*.conf\n",
    );
    t.file("etc/apache2/ports.conf", "Listen 80\n<IfModule ssl_module>\n Listen 443\n</IfModule>\n");
    t.file("etc/apache2/mods-enabled/ssl.conf", "SSLProtocol all -SSLv3\n");
    t.file(
        "etc/apache2/sites-enabled/a.conf",
        "<VirtualHost *:443>\nSSLEngine on\nDocumentRoot \"/var/www/a b\"\nDav On\n</VirtualHost>\n",
    );
    let said = Said::root(&t.0);
    let parts =
        ["listen=80, 443", "root=/var/www/a b", "autoindex=true", "server_tokens=true", "tls_old=true", "dav=true"];
    holds(&said, "web.server", "apache", &parts, "/etc/apache2/apache2.conf");

    let t = Tree::new();
    t.file(
        "etc/httpd/conf/httpd.conf",
        "ServerRoot \"/etc/httpd\"\nListen 443\nServerTokens Prod\nInclude conf.d/*.conf\nOptions -Indexes\n",
    );
    t.file("etc/httpd/conf.d/ssl.conf", "SSLEngine on\nSSLProtocol -all +TLSv1.2 +TLSv1.3\nDav Off\n");
    let said = Said::root(&t.0);
    let parts = ["listen=443", "autoindex=false", "server_tokens=false", "tls_old=false", "dav=false"];
    holds(&said, "web.server", "apache", &parts, "/etc/httpd/conf/httpd.conf");
}

#[test]
fn other_web_servers() {
    let t = Tree::new();
    t.file("etc/lighttpd/lighttpd.conf", "server.document-root = \"/var/www/html\"\nserver.port = 8080\n");
    t.file(
        "etc/lighttpd/conf-enabled/10-dir.conf",
        "dir-listing.activate = \"enable\"\nwebdav.activate = \"enable\"\n",
    );
    t.file(
        "etc/caddy/Caddyfile",
        "{\n\temail a@b\n}\nplant.example, :8443 {\n\troot * /srv/plant\n\tfile_server browse\n}\n",
    );
    t.file(
        "opt/apache-tomcat-9.0.1/conf/server.xml",
        "<Server>\n<!-- <Connector port=\"1\"/> -->\n <Connector port=\"8443\" SSLEnabled=\"true\"><SSLHostConfig protocols=\"TLSv1,TLSv1.2\"/></Connector>\n <Host appBase=\"webapps\"/>\n</Server>\n",
    );
    t.file("opt/apache-tomcat-9.0.1/conf/web.xml", "<init-param>\n<param-name>listings</param-name>\n <param-value>true</param-value></init-param>\n<!-- org.apache.catalina.servlets.WebdavServlet -->\n");
    let said = Said::root(&t.0);
    let parts =
        ["listen=*:8080", "root=/var/www/html", "autoindex=true", "dav=true", "tls_old=false", "server_tokens=true"];
    holds(&said, "web.server", "lighttpd", &parts, "/etc/lighttpd/lighttpd.conf:2");
    let parts = ["listen=plant.example, :8443", "root=/srv/plant", "autoindex=true", "tls_old=false"];
    holds(&said, "web.server", "caddy", &parts, "/etc/caddy/Caddyfile");
    let parts = ["listen=8443", "root=webapps", "autoindex=true", "tls_old=true", "dav=false", "server_tokens=true"];
    holds(&said, "web.server", "tomcat", &parts, "/opt/apache-tomcat-9.0.1/conf/server.xml:3");
}

#[test]
fn an_include_that_leads_to_itself_ends() {
    let t = Tree::new();
    t.file("etc/nginx/nginx.conf", "include /etc/nginx/*.conf;\ninclude a.conf;\nhttp { server { listen 81; } }\n");
    t.file("etc/nginx/a.conf", "include nginx.conf;\ninclude a.conf;\n");
    holds(&Said::root(&t.0), "web.server", "nginx", &["listen=81"], "/etc/nginx/nginx.conf");
}

/// Wild cards over everything, again and again: the work ends, with a gap.
#[test]
fn includes_of_everything_end() {
    let t = Tree::new();
    for n in 0..40 {
        t.file(&format!("srv/{n}/a/b/c"), "");
    }
    t.file("etc/nginx/nginx.conf", "include /*/*/*/*;\n".repeat(20_000));
    let said = Said::root(&t.0);
    assert_eq!(said.gap("web.server"), Some(GapReason::TooMany));
    assert_eq!(said.rows("web.server").len(), 1);
}

#[test]
fn ftp_servers() {
    let t = Tree::new();
    t.file("etc/vsftpd.conf", "listen=YES\nanonymous_enable=YES\n");
    t.file(
        "etc/proftpd/proftpd.conf",
        "ServerName \"x\"\n#Include /etc/proftpd/tls.conf\n<Anonymous ~ftp>\n</Anonymous>\n",
    );
    t.file("etc/proftpd/tls.conf", "TLSEngine on\n");
    t.file("etc/pure-ftpd/conf/NoAnonymous", "no\n");
    let said = Said::root(&t.0);
    holds(&said, "ftp.server", "vsftpd", &["anonymous=true", "tls=false"], "/etc/vsftpd.conf:2");
    holds(&said, "ftp.server", "proftpd", &["anonymous=true", "tls=false"], "/etc/proftpd/proftpd.conf:3");
    holds(&said, "ftp.server", "pure-ftpd", &["anonymous=true", "tls=false"], "/etc/pure-ftpd/conf/NoAnonymous");

    let t = Tree::new();
    t.file("etc/vsftpd/vsftpd.conf", "anonymous_enable=NO\nssl_enable=YES\n");
    t.file("etc/proftpd/proftpd.conf", "Include /etc/proftpd/tls.conf\n");
    t.file("etc/proftpd/tls.conf", "<IfModule mod_tls.c>\nTLSEngine on\n</IfModule>\n");
    t.file("etc/pure-ftpd/pure-ftpd.conf", "NoAnonymous yes\nTLS 2\n");
    let said = Said::root(&t.0);
    holds(&said, "ftp.server", "vsftpd", &["anonymous=false", "tls=true"], "/etc/vsftpd/vsftpd.conf:1");
    holds(&said, "ftp.server", "proftpd", &["anonymous=false", "tls=true"], "/etc/proftpd/proftpd.conf");
    holds(&said, "ftp.server", "pure-ftpd", &["anonymous=false", "tls=true"], "/etc/pure-ftpd/pure-ftpd.conf:1");
}

#[test]
fn remote_desktops() {
    let t = Tree::new();
    t.file("etc/xrdp/xrdp.ini", "[Globals]\nport=3390\nsecurity_layer=rdp\n[Xorg]\nport=-1\n");
    t.file("etc/tigervnc/vncserver-config-defaults", "$localhost = \"no\";\n$SecurityTypes = \"None\";\n");
    let unit = "[Service]\nExecStart=/usr/bin/x11vnc -display :0 -forever -rfbport 5901 -passwd HASHSECRET\n";
    t.file("etc/systemd/system/x11vnc.service", unit);
    t.link("etc/systemd/system/graphical.target.wants/x11vnc.service", "../x11vnc.service");
    t.file("etc/cron.d/vnc", "@reboot root /usr/bin/x11vnc -nopw -localhost\n");
    let said = Said::root(&t.0);
    holds(&said, "rdp.server", "xrdp", &["listen=3390", "tls=false"], "/etc/xrdp/xrdp.ini:2");
    let at = "/etc/tigervnc/vncserver-config-defaults:2";
    holds(&said, "vnc.server", "tigervnc", &["listen=*", "password=false", "tls=false"], at);
    let rows = said.rows("vnc.server");
    let text: Vec<String> = rows.iter().map(|(v, _)| v.to_string()).collect();
    assert!(text.iter().any(|r| r.contains("listen=*:5901") && r.contains("password=true")), "{text:?}");
    assert!(text.iter().any(|r| r.contains("listen=localhost:5900") && r.contains("password=false")), "{text:?}");
    assert!(!format!("{:?}", said.0).contains("HASHSECRET"));

    let t = Tree::new();
    t.file("etc/xrdp/xrdp.ini", "[Globals]\nsecurity_layer=tls\n");
    t.file("etc/tigervnc/vncserver-config-mandatory", "securitytypes=X509Vnc,TLSVnc\nlocalhost\n");
    let said = Said::root(&t.0);
    holds(&said, "rdp.server", "xrdp", &["listen=3389", "tls=true"], "/etc/xrdp/xrdp.ini");
    let at = "/etc/tigervnc/vncserver-config-mandatory:1";
    holds(&said, "vnc.server", "tigervnc", &["listen=localhost", "password=true", "tls=true"], at);
}

#[test]
fn container_engines() {
    let t = Tree::new();
    t.file(
        "etc/docker/daemon.json",
        r#"{"hosts":["unix:///run/docker.sock","tcp://0.0.0.0:2375"],"insecure-registries":["reg.plant:5000"]}"#,
    );
    t.mode("run/docker.sock", "", 0o666);
    t.file("etc/containers/registries.conf", "[[registry]]\nlocation = \"old.plant\"\ninsecure = true\n");
    t.file(
        "usr/lib/systemd/system/docker.service",
        "[Service]\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://10.0.0.1:2376 --tlsverify\n",
    );
    t.link("etc/systemd/system/multi-user.target.wants/docker.service", "/usr/lib/systemd/system/docker.service");
    let said = Said::root(&t.0);
    let open = |value: &str| {
        let (text, _) = said.row("container.setting", "value", value).unwrap_or_else(|| panic!("{value}"));
        text.contains("open=true")
    };
    assert!(!open("unix:///run/docker.sock"));
    assert!(open("tcp://0.0.0.0:2375"));
    assert!(open("reg.plant:5000"));
    assert!(open("old.plant"));
    assert!(open("/run/docker.sock 0666"));
    assert!(!open("tcp://10.0.0.1:2376"), "with certificates");

    let t = Tree::new();
    t.file("etc/docker/daemon.json", r#"{"hosts":["tcp://127.0.0.1:2375","tcp://0.0.0.0:2376"],"tlsverify":true}"#);
    t.mode("run/docker.sock", "", 0o660);
    t.file("etc/containers/registries.conf", "unqualified-search-registries = [\"docker.io\"]\n");
    let said = Said::root(&t.0);
    assert_eq!((said.rows("container.setting").len(), said.gap("container.setting")), (3, None));
    assert!(said.rows("container.setting").iter().all(|(v, _)| v.to_string().contains("open=false")));

    let t = Tree::new();
    t.file("etc/docker/daemon.json", "{");
    assert_eq!(Said::root(&t.0).gap("container.setting"), Some(GapReason::Corrupt));
}
