//! `/proc/PID/cgroup`: which engine's container a process lives in.

/// Parts of paths that engines give to the groups of their containers.
const ENGINES: [(&str, &str); 8] = [
    ("kubepods", "kubernetes"),
    ("libpod", "podman"),
    ("cri-containerd", "containerd"),
    ("crio-", "cri-o"),
    ("docker", "docker"),
    ("lxc", "lxc"),
    ("machine.slice", "machine"),
    ("containerd", "containerd"),
];

/// The engine of the container that the groups name, if they name one. The engines' own daemons are none: their groups
/// end in `.service`.
#[must_use]
pub fn container(text: &str) -> Option<&'static str> {
    let paths = || text.lines().filter_map(|l| l.splitn(3, ':').nth(2)).filter(|p| !p.ends_with(".service"));
    let names = |part: &str| {
        let (slash, dash) = (format!("/{part}"), format!("{part}-"));
        paths().any(|p| p.contains(&slash) || p.contains(&dash))
    };
    ENGINES.iter().find(|(part, _)| names(part)).map(|(_, engine)| *engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_as_engines_name_them() {
        for (text, expected) in [
            ("0::/system.slice/docker-0123456789ab.scope\n", Some("docker")),
            ("12:pids:/docker/0123456789ab\n1:name=systemd:/docker/0123456789ab\n", Some("docker")),
            ("0::/kubepods.slice/kubepods-besteffort.slice/cri-containerd-01.scope\n", Some("kubernetes")),
            ("0::/machine.slice/libpod-01.scope/container\n", Some("podman")),
            ("0::/lxc.payload.web/init.scope\n", Some("lxc")),
            ("0::/system.slice/docker.service\n", None),
            ("0::/system.slice/containerd.service\n", None),
            ("0::/user.slice/user-1000.slice/session-1.scope\n", None),
            ("0::/\n", None),
            ("", None),
        ] {
            assert_eq!(container(text), expected, "{text}");
        }
    }
}
