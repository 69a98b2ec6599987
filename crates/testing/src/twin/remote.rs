//! Ways in for maintenance that stand open, unseen or unwatched.

use super::At::{Line, Whole};
use super::Step::{Append, File, Link, Mode, Owner, Swap};
use super::{Plant, plant};

const SSHD: &str = "etc/ssh/sshd_config";
/// Keys made for this table; their private halves are gone. The fingerprints are those that ssh-keygen prints.
const RSA_1024: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCWMGU/2OYGYG4M1jJ9TUGk4sinfBuJYzrFTeWpSI9kTN3PGKleKxYdHq0tGGgBh8djIJcFoEQ+gAv7aLU8c8xSC4GK8FY6GFsgMY/AL4zZWpGaXWYJiPynvnVHJMjUVjrtkr0iv49vDlB5sjqLmZQOTSMZ32lgfz0yNSOQROrUrw== vendor@service\n";
const ED25519: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGlubo/l1rVQ0S7DsCw2eGNo4e2LQYbRBsRJgXIFvQpV vendor@service\n";
const RSA_FINGERPRINT: &str = "SHA256:s5RPRhI6gyfXX1MkBUr7PCL+IIKpTGp6OZq4hNuHGQw";
const ED25519_FINGERPRINT: &str = "SHA256:PqbZp3lx5shjmf0doLjqdACjD5pKrJLOoPheGxailUA";

pub(super) const PLANTS: &[Plant] = &[
    plant(
        "root may log in over the network with a password",
        &[Swap(
            SSHD,
            "PermitRootLogin no\nPasswordAuthentication no",
            "PermitRootLogin yes\nPasswordAuthentication yes",
        )],
        "ssh-root-login",
        "",
        Line(SSHD, "PermitRootLogin"),
    ),
    plant(
        "log-ins over the network need only a password",
        &[],
        "ssh-password-login",
        "",
        Line(SSHD, "PasswordAuthentication"),
    ),
    plant(
        "log-ins over the network need no password at all",
        &[Swap(SSHD, "PermitEmptyPasswords no", "PermitEmptyPasswords yes")],
        "ssh-empty-password",
        "",
        Line(SSHD, "PermitEmptyPasswords"),
    ),
    plant(
        "passwords may be guessed twenty times a connection",
        &[Swap(SSHD, "MaxAuthTries 3", "MaxAuthTries 20")],
        "ssh-auth-tries",
        "",
        Line(SSHD, "MaxAuthTries"),
    ),
    plant(
        "forwarded ports open to the whole network",
        &[Swap(SSHD, "GatewayPorts no", "GatewayPorts yes")],
        "ssh-gateway-ports",
        "",
        Line(SSHD, "GatewayPorts"),
    ),
    plant(
        "log-ins may tunnel into the network",
        &[Swap(SSHD, "AllowTcpForwarding no", "AllowTcpForwarding yes")],
        "ssh-tcp-forwarding",
        "",
        Line(SSHD, "AllowTcpForwarding"),
    ),
    plant(
        "log-ins may forward desktops",
        &[Swap(SSHD, "X11Forwarding no", "X11Forwarding yes")],
        "ssh-x11-forwarding",
        "",
        Line(SSHD, "X11Forwarding"),
    ),
    plant(
        "a vendor's key opens root from anywhere",
        &[File("root/.ssh/authorized_keys", 0o600, ED25519)],
        "ssh-root-key-unrestricted",
        ED25519_FINGERPRINT,
        Line("root/.ssh/authorized_keys", "vendor@service"),
    ),
    plant(
        "a key of 1024 bits opens an account",
        &[Append("home/ann/.ssh/authorized_keys", RSA_1024)],
        "ssh-weak-key",
        RSA_FINGERPRINT,
        Line("home/ann/.ssh/authorized_keys", "ssh-rsa"),
    ),
    plant(
        "the account of the web server can be opened by a key",
        &[File("var/www/.ssh/authorized_keys", 0o600, ED25519)],
        "service-account-key",
        ED25519_FINGERPRINT,
        Line("var/www/.ssh/authorized_keys", "vendor@service"),
    ),
    plant(
        "remote control starts with the machine",
        &[
            File("opt/todesk/bin/ToDesk_Service", 0o755, "\x7fELF todesk"),
            File(
                "etc/systemd/system/todeskd.service",
                0o644,
                "[Service]\nExecStart=/opt/todesk/bin/ToDesk_Service\n[Install]\nWantedBy=multi-user.target\n",
            ),
            Link("etc/systemd/system/multi-user.target.wants/todeskd.service", "../todeskd.service"),
        ],
        "remote-control-active",
        "ToDesk",
        Whole("opt/todesk/bin/ToDesk_Service"),
    ),
    plant(
        "remote control lies ready",
        &[File("opt/teamviewer/tv_bin/teamviewerd", 0o755, "\x7fELF teamviewer")],
        "remote-control-installed",
        "TeamViewer",
        Whole("opt/teamviewer/tv_bin/teamviewerd"),
    ),
    plant(
        "somebody keeps remote control in a home folder",
        &[File("home/ann/Downloads/anydesk", 0o755, "\x7fELF anydesk"), Owner("home/ann/Downloads/anydesk", 1000)],
        "remote-control-personal",
        "AnyDesk",
        Whole("home/ann/Downloads/anydesk"),
    ),
    plant(
        "remote control of a foreign vendor starts with the machine",
        &[
            File("usr/local/bin/tailscaled", 0o755, "\x7fELF tailscaled"),
            File(
                "etc/systemd/system/tailscaled.service",
                0o644,
                "[Service]\nExecStart=/usr/local/bin/tailscaled\n[Install]\nWantedBy=multi-user.target\n",
            ),
            Link("etc/systemd/system/multi-user.target.wants/tailscaled.service", "../tailscaled.service"),
        ],
        "remote-tool-foreign",
        "Tailscale",
        Whole("usr/local/bin/tailscaled"),
    ),
    plant(
        "a tunnel leads out past the firewall",
        &[
            File("home/ann/.local/frpc", 0o755, "\x7fELF frpc"),
            File("home/ann/.local/frpc.ini", 0o644, "[common]\nserver_addr = 203.0.113.7\n"),
            Owner("home/ann/.local/frpc", 1000),
        ],
        "tunnel-tool",
        "frp (client)",
        Whole("home/ann/.local/frpc"),
    ),
    plant(
        "a job of root starts remote control, and only root can read that",
        &[
            File("opt/rustdesk/rustdesk", 0o755, "\x7fELF rustdesk"),
            File("var/spool/cron/crontabs/root", 0o600, "@reboot /opt/rustdesk/rustdesk --server\n"),
            Mode("var/spool/cron/crontabs", 0o730),
        ],
        "remote-control-active",
        "RustDesk",
        Whole("opt/rustdesk/rustdesk"),
    ),
    plant(
        "a tunnel lies in a folder that only its group can see",
        &[File("srv/data/.t/chisel", 0o755, "\x7fELF chisel"), Mode("srv/data/.t", 0o700)],
        "tunnel-tool",
        "chisel",
        Whole("srv/data/.t/chisel"),
    ),
    plant(
        "a private network starts with the machine",
        &[
            File("etc/wireguard/wg0.conf", 0o600, "[Interface]\nAddress = 10.9.0.2/32\n"),
            File("usr/bin/wg-quick", 0o755, "#!/bin/bash\n"),
            File("etc/systemd/system/wg-quick@.service", 0o644, "[Service]\nExecStart=/usr/bin/wg-quick up %i\n"),
            Link("etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service", "../wg-quick@.service"),
        ],
        "vpn-autostart",
        "WireGuard",
        Whole("usr/bin/wg-quick"),
    ),
    plant(
        "administrators' sessions are not recorded",
        &[Swap("etc/sudoers", "Defaults log_input,log_output\n", "")],
        "session-recording",
        "",
        Whole("etc/sudoers"),
    ),
    plant(
        "forgotten sessions stay open for ever",
        &[Swap("etc/profile", "readonly TMOUT=900\nexport TMOUT\n", "")],
        "session-timeout",
        "",
        Whole("etc/profile"),
    ),
    plant(
        "a desktop is shown to everybody without a password",
        &[
            File(
                "etc/systemd/system/desktop.service",
                0o644,
                "[Service]\nExecStart=/usr/bin/x11vnc -display :0 -forever\n[Install]\nWantedBy=multi-user.target\n",
            ),
            Link("etc/systemd/system/multi-user.target.wants/desktop.service", "../desktop.service"),
        ],
        "vnc-no-password",
        "x11vnc",
        Line("etc/systemd/system/desktop.service", "x11vnc"),
    ),
    plant(
        "desktops are offered to the whole network",
        &[File(
            "etc/tigervnc/vncserver-config-mandatory",
            0o644,
            "$localhost = \"no\";\n$securitytypes = \"vncauth,tlsvnc\";\n",
        )],
        "vnc-network",
        "tigervnc",
        Line("etc/tigervnc/vncserver-config-mandatory", "securitytypes"),
    ),
    plant(
        "remote desktops travel without encryption",
        &[File("etc/xrdp/xrdp.ini", 0o644, "[Globals]\nport=3389\nsecurity_layer=rdp\n")],
        "rdp-no-encryption",
        "xrdp",
        Line("etc/xrdp/xrdp.ini", "port"),
    ),
    plant(
        "files are handed out to everybody over FTP",
        &[File("etc/vsftpd.conf", 0o644, "listen=YES\nanonymous_enable=YES\n")],
        "ftp-anonymous",
        "vsftpd",
        Line("etc/vsftpd.conf", "anonymous_enable"),
    ),
    plant(
        "a terminal is offered in the browser",
        &[File("usr/local/bin/ttyd", 0o755, "\x7fELF ttyd")],
        "terminal-server",
        "ttyd",
        Whole("usr/local/bin/ttyd"),
    ),
    plant(
        "a management panel starts with the machine",
        &[
            File("usr/share/webmin/miniserv.pl", 0o755, "#!/usr/bin/perl\n"),
            File(
                "etc/systemd/system/webmin.service",
                0o644,
                "[Service]\nExecStart=/usr/share/webmin/miniserv.pl /etc/webmin/miniserv.conf\n[Install]\nWantedBy=multi-user.target\n",
            ),
            Link("etc/systemd/system/multi-user.target.wants/webmin.service", "../webmin.service"),
        ],
        "monitoring-autostart",
        "Webmin",
        Whole("usr/share/webmin/miniserv.pl"),
    ),
    plant(
        "a server for log-ins in clear text is installed",
        &[Append(
            "var/lib/dpkg/status",
            "Package: telnetd\nStatus: install ok installed\nMaintainer: Plant <plant@example.org>\nArchitecture: amd64\nVersion: 0.17+2.4-2\nDescription: telnetd\n\n",
        )],
        "package-clear-text-server",
        "telnetd",
        Line("var/lib/dpkg/status", "Package: telnetd"),
    ),
];
