//! What the demonstration's plants have: shares with data, hosts with settings. All of it made up, all of it read for real.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// A number that follows from its seed (SplitMix64).
pub(super) struct Draw(u64);
impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n.max(1)
    }
}

/// A unified social credit code with its check character (GB 32100): number `n` of a region of six digits.
pub(super) fn uscc(region: u32, n: u64) -> String {
    const CHARS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91{region:06}{n:09}");
    let value = |b: u8| CHARS.iter().position(|c| *c == b).unwrap_or(0);
    let (sum, _) = body.bytes().fold((0, 1), |(sum, weight), b| (sum + value(b) * weight, weight * 3 % 31));
    format!("{body}{}", char::from(CHARS[(31 - sum % 31) % 31]))
}

/// A resident identity number with its check character (GB 11643), of a region that no district has.
fn resident(draw: &mut Draw) -> String {
    let body = format!(
        "3299{:02}{}{:02}{:02}{:03}",
        1 + draw.below(20),
        1950 + draw.below(60),
        1 + draw.below(12),
        1 + draw.below(28),
        draw.below(1000)
    );
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    format!("{body}{}", char::from(check))
}

/// The registry of a province: `rows` enterprises of the industries around the plants', and the plants themselves among the largest.
pub(super) fn registry(province: u32, rows: u64, plants: &[(String, &str, &str)]) -> String {
    let mut draw = Draw::new(u64::from(province));
    let mut out = String::from("uscc,name,area,industry,revenue\n");
    for (uscc, name, industry) in plants {
        let _ = writeln!(out, "{uscc},{name},{province:02}0100,{industry},{}", 4_000_000_000 + draw.below(900_000_000));
    }
    let industries = ["C3411", "C3670", "C2614", "C3130", "C3962", "C1713"];
    for n in 0..rows {
        // Not the third city: that of Guangdong is Shenzhen, a supervisor of its own, whose rows are none of the province's.
        let city = [1, 2, 4, 5, 6, 7, 8, 9][usize::try_from(draw.below(8)).unwrap_or(0)];
        let region = province * 10_000 + 100 * city;
        let industry = industries[usize::try_from(draw.below(6)).unwrap_or(0)];
        let revenue = (20_000 + draw.below(40_000) * (1 + draw.below(40))) * 1_000;
        let _ = writeln!(
            out,
            "{},示例企业{province:02}{n:04}有限公司,{region:06},{industry},{revenue}",
            uscc(region, 500 + n)
        );
    }
    out
}

fn put(root: &Path, path: &str, text: &str) -> io::Result<()> {
    let file = root.join(path);
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(file, text)
}

/// The share of a plant: people, orders, recipes, programs of controllers, secrets that should not lie there.
pub(super) fn share(root: &Path, seed: u64) -> io::Result<()> {
    let mut draw = Draw::new(seed);
    let mut people = String::from("姓名,身份证号,手机号,部门\n");
    for n in 0..40 + draw.below(400) {
        let phone = format!("139{:08}", draw.below(100_000_000));
        let _ = writeln!(people, "员工{n:03},{},{phone},一车间", resident(&mut draw));
    }
    put(root, "人事/员工名册.csv", &people)?;
    let mut orders = String::from("订单号,客户,联系电话,收货地址,数量\n");
    for n in 0..200 + draw.below(800) {
        let phone = format!("138{:08}", draw.below(100_000_000));
        let _ = writeln!(orders, "SO{seed:02}{n:05},客户{n:04},{phone},示例市示例路{n}号,{}", 1 + draw.below(500));
    }
    put(root, "销售/2026订单.csv", &orders)?;
    put(
        root,
        "工艺/配方-A7.txt",
        "产品 A7 工艺配方（内部）\n炉温 1180 ℃, 保温 42 min, 淬火油温 60 ℃\n配比: 主料 71.5 %, 添加剂 B 3.2 %\n",
    )?;
    put(
        root,
        "工艺/line1.st",
        "PROGRAM Line1\nVAR\n  Temp AT %IW0 : INT;\n  Valve AT %QX0.1 : BOOL;\nEND_VAR\nValve := Temp > 1180;\nEND_PROGRAM\n",
    )?;
    put(
        root,
        "工艺/历史数据.csv",
        "时间,点位,值\n2026-11-01 08:00:00,TT-101,1178.4\n2026-11-01 08:00:01,TT-101,1178.9\n",
    )?;
    if seed % 2 == 1 {
        put(root, "运维/backup.env", "DB_HOST=10.10.3.7\nDB_USER=mes\nDB_PASSWORD=Tz7#mQ2vLp9!\n")?;
    }
    put(root, "办公/会议纪要.txt", "2026 年第四季度数据安全工作例会：部署自查、分级与演练。\n")
}

/// The file system of a host: careful or not, by its seed.
pub(super) fn host(root: &Path, seed: u64) -> io::Result<()> {
    put(
        root,
        "etc/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n",
    )?;
    put(root, "etc/hostname", &format!("mes-{seed:02}\n"))?;
    put(
        root,
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\nmes:x:1000:1000:MES:/home/mes:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\n",
    )?;
    put(root, "etc/group", "root:x:0:\nsudo:x:27:mes\nmes:x:1000:\n")?;
    put(root, "etc/shadow", "root:!:19700:0:99999:7:::\nmes:!:19700:0:99999:7:::\n")?;
    put(
        root,
        "var/lib/dpkg/status",
        "Package: openssh-server\nStatus: install ok installed\nArchitecture: amd64\nSource: openssh\nVersion: 1:9.2p1-2+deb12u3\nDescription: secure shell server\n\nPackage: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2.15-2+b7\nDescription: GNU Bourne Again SHell\n\n",
    )?;
    if seed.is_multiple_of(3) {
        put(root, "etc/ssh/sshd_config", "PermitRootLogin no\nPasswordAuthentication no\nMaxAuthTries 3\n")
    } else {
        put(
            root,
            "etc/ssh/sshd_config",
            "PermitRootLogin yes\nPasswordAuthentication yes\nPermitEmptyPasswords yes\n",
        )?;
        put(
            root,
            "etc/systemd/system/frpc.service",
            "[Unit]\nDescription=frp client\n[Service]\nExecStart=/opt/frp/frpc -c /opt/frp/frpc.toml\n[Install]\nWantedBy=multi-user.target\n",
        )?;
        put(
            root,
            "opt/frp/frpc.toml",
            "serverAddr = \"203.0.113.7\"\nserverPort = 7000\n[[proxies]]\nname = \"rdp\"\ntype = \"tcp\"\nlocalPort = 3389\nremotePort = 6000\n",
        )?;
        put(
            root,
            "etc/samba/smb.conf",
            "[global]\n  server min protocol = NT1\n[public]\n  path = /srv/share\n  guest ok = yes\n  writable = yes\n",
        )
    }
}

/// Which country an address is in, as far as the log of the demonstration needs it; documentation networks (RFC 5737).
pub(super) const COUNTRIES: &str = "network,country\n203.0.113.0/24,SG\n198.51.100.0/24,DE\n192.0.2.0/24,US\n";

/// What left the first plant in a week, as Zeek writes connections: a declared recipient, one that nobody declared, one of which little went out.
pub(super) const PROXY: &str = concat!(
    r#"{"ts":1788220800.0,"uid":"C1","id.orig_h":"10.1.0.5","id.orig_p":50001,"id.resp_h":"203.0.113.9","id.resp_p":443,"proto":"tcp","orig_bytes":52428800,"resp_bytes":40960}"#,
    "\n",
    r#"{"ts":1788307200.0,"uid":"C2","id.orig_h":"10.1.0.7","id.orig_p":50002,"id.resp_h":"192.0.2.40","id.resp_p":443,"proto":"tcp","orig_bytes":734003200,"resp_bytes":81920}"#,
    "\n",
    r#"{"ts":1788393600.0,"uid":"C3","id.orig_h":"10.1.0.7","id.orig_p":50003,"id.resp_h":"198.51.100.8","id.resp_p":443,"proto":"tcp","orig_bytes":4096,"resp_bytes":10240}"#,
    "\n",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_numbers_have_right_check_digits() {
        let mut draw = Draw::new(1);
        for n in 0..100 {
            assert!(attest_uscc(&uscc(320_100, n)), "{n}");
            let id = resident(&mut draw);
            // ISO 7064 MOD 11-2: the weighted sum, the check character included, is 1.
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
            let value = |b: u8| if b == b'X' { 10 } else { u32::from(b - b'0') };
            assert_eq!(id.bytes().zip(weights).map(|(b, w)| value(b) * w).sum::<u32>() % 11, 1, "{id}");
        }
    }

    /// GB 32100-2015: sum of values times 3^i mod 31, and the check character, make a multiple of 31.
    fn attest_uscc(code: &str) -> bool {
        let chars = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        let sum: usize = code
            .chars()
            .zip([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1])
            .map(|(c, w)| chars.find(c).unwrap_or(99) * w)
            .sum();
        code.len() == 18 && sum.is_multiple_of(31)
    }
}
