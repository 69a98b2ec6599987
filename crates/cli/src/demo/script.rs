//! The command lines of the demonstration, in their order.

use super::files;
use super::served::Served;
use crate::args::Format;
use crate::error::CliError;
use crate::{Face, print};
use evidence::{Lang, Say};
use node::accounts::{AccountRole, AccountScope, Wanted};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Accounts that every served node gets, and what they are.
pub(super) const LOGINS: [(&str, &str); 5] = [
    ("officer", "account.role.officer"),
    ("second", "account.role.officer"),
    ("analyst", "account.role.analyst"),
    ("auditor", "account.role.auditor"),
    ("administrator", "account.role.administrator"),
];
/// Enterprises in the registry of a province, beside the plants.
const ROWS: u64 = 240;

/// A plant.
struct Plant {
    home: &'static str,
    name: &'static str,
    industry: &'static str,
    uscc: String,
}
/// A province.
struct Province {
    home: &'static str,
    name: &'static str,
    code: u32,
    plants: Vec<Plant>,
}

fn provinces() -> Vec<Province> {
    let plant =
        |region: u32, n: u64, home, name, industry| Plant { home, name, industry, uscc: files::uscc(region, n) };
    vec![
        Province {
            home: "js",
            name: "江苏省工业和信息化厅",
            code: 32,
            plants: vec![
                plant(320_100, 1, "js-1", "青山机械有限公司", "C3411"),
                plant(320_100, 2, "js-2", "白塔汽车零部件有限公司", "C3670"),
                plant(320_100, 3, "js-3", "绿洲化工有限公司", "C2614"),
            ],
        },
        Province {
            home: "gd",
            name: "广东省工业和信息化厅",
            code: 44,
            plants: vec![
                plant(440_100, 1, "gd-1", "南岭钢铁有限公司", "C3130"),
                plant(440_100, 2, "gd-2", "珠江电子有限公司", "C3962"),
                plant(440_100, 3, "gd-3", "榕树纺织有限公司", "C1713"),
            ],
        },
    ]
}

pub(super) struct Script<'f> {
    face: &'f Face,
    program: PathBuf,
    place: PathBuf,
    format: Format,
    pub(super) served: Vec<Served>,
    pub(super) password: String,
    /// Commands that were run.
    pub(super) ran: usize,
    /// Those that did not do what they were asked.
    pub(super) failed: Vec<String>,
}

impl<'f> Script<'f> {
    pub(super) fn new(face: &'f Face, place: PathBuf, format: Format) -> Result<Self, CliError> {
        let own = |e: &std::io::Error| CliError::from(node::NodeError::io(Path::new("watchfire"), e));
        let program = std::env::current_exe().map_err(|e| own(&e))?;
        Ok(Self {
            face,
            program,
            place,
            format,
            served: Vec::new(),
            password: node::accounts::made_up()?,
            ran: 0,
            failed: Vec::new(),
        })
    }

    fn home(&self, name: &str) -> PathBuf {
        self.place.join(name)
    }
    fn at(&self, path: &str) -> String {
        self.place.join(path).display().to_string()
    }

    /// Runs one command line of this program and says it; gives what it printed as JSON. One that fails is named at the end.
    fn run(&mut self, home: &str, line: &[&str]) -> Value {
        if self.face.stop.requested() {
            return Value::Null;
        }
        let quoted = |t: &&str| if t.contains([' ', '*']) || t.is_empty() { format!("'{t}'") } else { (*t).to_owned() };
        let shown = line.iter().map(quoted).collect::<Vec<_>>().join(" ");
        let shown = format!("watchfire --home {home} {shown}").replace(&format!("{}/", self.place.display()), "");
        if self.format == Format::Text {
            print(&format!("$ {shown}"));
        }
        self.ran += 1;
        let lang = if self.face.lang == Lang::Zh { "zh" } else { "en" };
        let out = Command::new(&self.program)
            .arg("--home")
            .arg(self.home(home))
            .args(["--quiet", "--lang", lang])
            .args(line)
            .current_dir(&self.place)
            .env_remove("WATCHFIRE_TABLES")
            .env("WATCHFIRE_HOME", self.home(home))
            .stdin(Stdio::null())
            .output();
        match out {
            Ok(out) if out.status.success() => serde_json::from_slice(&out.stdout).unwrap_or_default(),
            Ok(out) => {
                let said = String::from_utf8_lossy(&out.stderr);
                self.failed.push(format!("{shown}: {}", said.lines().next().unwrap_or_default()));
                Value::Null
            }
            Err(e) => {
                self.failed.push(format!("{shown}: {e}"));
                Value::Null
            }
        }
    }

    fn chapter(&self, key: &str) {
        if self.format == Format::Text {
            print(&format!("\n# {}", self.face.say(&Say::new(key))));
        }
    }

    /// Plays it all, and leaves ministry, provinces and the first plant serving.
    pub(super) fn played(&mut self, port: u16) -> Result<(), CliError> {
        let all = provinces();
        self.made(&all)?;
        self.chapter("demo.who");
        self.run("m", &["node", "init", "--role", "ministry", "--name", "工业和信息化部"]);
        for p in &all {
            let area = p.code.to_string();
            self.run(p.home, &["node", "init", "--role", "province", "--area", &area, "--name", p.name]);
            for q in &p.plants {
                let area = format!("{area}0100");
                self.run(
                    q.home,
                    &["node", "init", "--role", "plant", "--area", &area, "--uscc", &q.uscc, "--name", q.name],
                );
            }
        }
        let mut ports = (0..4).map(|n| if port == 0 { 0 } else { port.saturating_add(n) });
        let ministry = self.serve("m", "工业和信息化部", ports.next().unwrap_or(0))?;
        let mut above = Vec::new();
        for p in &all {
            above.push(self.serve(p.home, p.name, ports.next().unwrap_or(0))?);
        }
        self.chapter("demo.enrol");
        for (p, url) in all.iter().zip(&above) {
            let area = p.code.to_string();
            self.child("m", p.home, &ministry, &["--role", "province", "--area", &area, "--name", p.name]);
            for q in &p.plants {
                let area = format!("{area}0100");
                let who = ["--role", "plant", "--area", &area, "--uscc", &q.uscc, "--name", q.name];
                self.child(p.home, q.home, url, &who);
            }
        }
        self.chapter("demo.select");
        for p in &all {
            let table = self.at(&format!("{}.csv", p.home));
            self.run(p.home, &["registry", "import", &table, "--year", "2025"]);
            self.run(p.home, &["registry", "select"]);
        }
        self.chapter("demo.plants");
        for (n, q) in all.iter().flat_map(|p| &p.plants).enumerate() {
            // The last plant does nothing: its province sees it.
            if n < 5 {
                self.plant(q, n);
            }
        }
        self.chapter("demo.above");
        self.provinces(&all);
        self.serve(all[0].plants[0].home, all[0].plants[0].name, ports.next().unwrap_or(0))?;
        Ok(())
    }

    /// Files of all plants and provinces.
    fn made(&self, all: &[Province]) -> Result<(), CliError> {
        let fail = |e: &std::io::Error| CliError::from(node::NodeError::io(&self.place, e));
        let mut seed = 0;
        for p in all {
            let plants: Vec<_> = p.plants.iter().map(|q| (q.uscc.clone(), q.name, q.industry)).collect();
            let table = files::registry(p.code, ROWS, &plants);
            std::fs::write(self.home(&format!("{}.csv", p.home)), table).map_err(|e| fail(&e))?;
            for q in &p.plants {
                seed += 1;
                files::share(&self.home(&format!("{}-share", q.home)), seed).map_err(|e| fail(&e))?;
                files::host(&self.home(&format!("{}-root", q.home)), seed).map_err(|e| fail(&e))?;
            }
        }
        std::fs::write(self.home("countries.csv"), files::COUNTRIES).map_err(|e| fail(&e))?;
        std::fs::write(self.home("proxy.log"), files::PROXY).map_err(|e| fail(&e))?;
        std::fs::write(self.home("制度.txt"), "数据安全管理制度（示例）\n").map_err(|e| fail(&e))
    }

    fn serve(&mut self, home: &str, name: &str, port: u16) -> Result<String, CliError> {
        let node = node::Node::open(&self.home(home), None, &|| None)?;
        let accounts = node.accounts()?;
        let lang = if self.face.lang == Lang::Zh { "zh" } else { "en" };
        for (login, _) in LOGINS {
            let role = AccountRole::named(login).unwrap_or(AccountRole::Officer);
            let name = match login {
                "second" => "李明",
                _ => "王芳",
            };
            let wanted = Wanted { login, name, role, scope: AccountScope::default(), lang };
            accounts.make(&wanted, Some(&self.password))?;
        }
        drop((accounts, node));
        let served = Served::new(&self.program, &self.home(home), name, port)?;
        let url = served.url.clone();
        self.served.push(served);
        Ok(url)
    }

    fn child(&mut self, parent: &str, child: &str, url: &str, who: &[&str]) {
        let invited = self.run(parent, &[&["node", "invite"], who, &["--format", "json"]].concat());
        let code = invited["code"].as_str().unwrap_or_default().to_owned();
        self.run(child, &["node", "enrol", "--code", &code, "--parent", url]);
    }

    fn plant(&mut self, q: &Plant, n: usize) {
        let share = self.at(&format!("{}-share", q.home));
        let root = self.at(&format!("{}-root", q.home));
        self.run(q.home, &["scope", "add", "share", &share]);
        self.run(q.home, &["scope", "add", "host", &format!("mes-{:02}", n + 1)]);
        self.run(q.home, &["discover", &share]);
        self.run(q.home, &["inspect", "--root", &root]);
        self.run(q.home, &["catalogue", "build"]);
        let open = self.run(q.home, &["answer", "--format", "json"]);
        let checks: Vec<String> = open["checks"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|c| c["check"].as_str().map(str::to_owned))
            .take(3 + 4 * n)
            .collect();
        let paper = self.at("制度.txt");
        for (k, check) in checks.iter().enumerate() {
            let mut line = vec!["answer", check, "--effective", "2026-03-01", "--approver", "张伟"];
            if k % 3 == 2 {
                line.push("--not-fulfilled");
            } else {
                line.extend(["--document", &paper]);
            }
            self.run(q.home, &line);
        }
        if n == 0 || n == 3 {
            let title = if n == 0 { "MES 服务器文件被加密" } else { "员工名册外发" };
            let opened = self.run(q.home, &["incident", "open", "--title", title, "--format", "json"]);
            let id = opened["incident"].as_str().or_else(|| opened["id"].as_str()).unwrap_or_default().to_owned();
            let set: &[&str] = if n == 0 { &["--set", "loss=12000000"] } else { &["--set", "people=600"] };
            self.run(q.home, &[&["incident", "grade", &id], set].concat());
        }
        if n == 1 {
            self.run(
                q.home,
                &[
                    "transfer",
                    "add",
                    "--recipient",
                    "Example GmbH",
                    "--country",
                    "DE",
                    "--purpose",
                    "售后服务",
                    "--system",
                    "ERP",
                    "--personal",
                    "1200",
                ],
            );
        }
        if n == 0 {
            self.transfers(q.home);
        }
        self.run(q.home, &["standing", "--sign"]);
        self.run(q.home, &["submit"]);
    }

    /// Flows abroad of the first plant: one with its contract, one without anything, an authority's request, a log that is held against them.
    fn transfers(&mut self, home: &str) {
        let flow = ["transfer", "add", "--purpose", "售后服务", "--system", "ERP", "--ground", "合同"];
        let own = ["--recipient", "Example GmbH", "--country", "DE", "--personal", "120000", "--host", "*.example.com"];
        let added = self.run(home, &[&flow[..], &own[..], &["--format", "json"]].concat());
        let id = added["flow"]["id"].as_str().unwrap_or_default().to_owned();
        let paper = self.at("制度.txt");
        let granted = ["--grant", "contract", "--number", "SCC-2026-07", "--since", "2026-07-01", "--document", &paper];
        self.run(home, &[&["transfer", "decide", &id], &granted[..]].concat());
        let other = ["transfer", "add", "--recipient", "Example Pte", "--country", "SG", "--purpose", "远程诊断"];
        let rest = ["--system", "MES", "--way", "remote-access", "--sensitive", "30", "--host", "203.0.113.0/24"];
        self.run(home, &[&other[..], &rest[..]].concat());
        let asked = ["--authority", "Example Court", "--country", "US", "--asked", "员工通讯录"];
        self.run(home, &[&["transfer", "request", "add"], &asked[..], &["--received", "2026-09-01"]].concat());
        let given = ["--recipient", "示例物流有限公司", "--data", "订单地址", "--purpose", "配送", "--entrusted"];
        let given = [&["transfer", "provided"], &given[..], &["--at", "2026-05-01", "--contract", &paper]].concat();
        self.run(home, &given);
        let (table, log) = (self.at("countries.csv"), self.at("proxy.log"));
        self.run(home, &["transfer", "countries", "import", &table]);
        self.run(home, &["transfer", "observe", &log]);
        self.run(home, &["transfer", "assess"]);
    }

    fn provinces(&mut self, all: &[Province]) {
        for p in all {
            self.run(p.home, &["training", "session", "add", "officer", "--day", "2026-10-20"]);
            self.run(
                p.home,
                &["order", "issue", &p.plants[1].uscc, "--basis", "dsl-44", "--demand", "关闭外网远程维护通道并复查"],
            );
            self.run(p.home, &["progress", "--sign"]);
            self.run(p.home, &["submit"]);
        }
        self.run("m", &["registry", "select"]);
        self.run("m", &["progress", "--sign"]);
    }
}
