//! A small plant's file share: personnel, contracts, production, control programs, network, mail, research, in the formats
//! and encodings that such folders hold. For reports, walkthroughs and trials of the whole program; a manifest tells
//! every planted value and what each file is.
//!
//! People, firms and numbers are drawn; nothing here belongs to anybody.

use crate::kinds::{self, KINDS};
use crate::plant::{self, Rng};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// A file of the share.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Path from the share's root.
    pub path: &'static str,
    /// What it is: `personnel`, `contract`, `production`, `control`, `network`, `mail`, `research`, `finance`, `customers`, `operation`.
    pub what: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Values in it: id of the kind and value.
    pub values: Vec<(&'static str, String)>,
}

/// The share of a seed: equal seeds, equal bytes.
pub fn share(seed: u64) -> io::Result<Vec<Kept>> {
    let mut page = Page { rng: Rng::new(seed), values: Vec::new() };
    let mut all = personnel(&mut page)?;
    all.extend(contracts(&mut page)?);
    all.extend(production(&mut page)?);
    all.extend(control(&mut page));
    all.extend(rest(&mut page)?);
    Ok(all)
}

/// Writes the share under `dir` and its manifest beside it (`DIR.manifest.tsv`: path, what it is, kind, value).
pub fn write(dir: &Path, files: &[Kept]) -> io::Result<()> {
    let mut manifest = "path\twhat\tkind\tvalue\n".to_owned();
    for file in files {
        let path = dir.join(file.path);
        std::fs::create_dir_all(path.parent().unwrap_or(dir))?;
        std::fs::write(path, &file.bytes)?;
        let _ = writeln!(manifest, "{}\t{}\t\t", file.path, file.what);
        for (kind, value) in &file.values {
            let _ = writeln!(manifest, "{}\t{}\t{kind}\t{}", file.path, file.what, value.replace('\n', "\\n"));
        }
    }
    std::fs::write(dir.with_extension("manifest.tsv"), manifest)
}

/// Draws values and remembers them for the file that is being written.
struct Page {
    rng: Rng,
    values: Vec<(&'static str, String)>,
}
impl Page {
    fn value(&mut self, id: &str) -> String {
        let kind = KINDS.iter().find(|k| k.id == id).expect("the kind is in the table");
        let value = (kind.make)(&mut self.rng);
        self.values.push((kind.id, value.clone()));
        value
    }
    fn name(&mut self) -> String {
        let family = self.rng.pick(&["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"]);
        format!("{family}{}", self.rng.pick(&["伟", "芳", "秀英", "建国", "敏", "静", "志明", "海燕", "磊", "洋"]))
    }
    fn number(&mut self, below: usize) -> usize {
        self.rng.below(below)
    }
    fn keep(&mut self, path: &'static str, what: &'static str, bytes: Vec<u8>) -> Kept {
        Kept { path, what, bytes, values: std::mem::take(&mut self.values) }
    }
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}
fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}
fn cells(row: &[&str]) -> Vec<String> {
    row.iter().map(|c| (*c).to_owned()).collect()
}

fn personnel(page: &mut Page) -> io::Result<Vec<Kept>> {
    let mut rows = vec![cells(&["工号", "姓名", "身份证号", "手机", "邮箱", "部门"])];
    for n in 1..=120 {
        let name = page.name();
        let values = [page.value("resident-id"), page.value("mobile"), page.value("email")];
        rows.push(cells(&[&format!("{n:05}"), &name, &values[0], &values[1], &values[2], "总装线"]));
    }
    let roster = plant::xlsx("花名册", rows.into_iter())?;
    let roster = page.keep("人事/员工花名册.xlsx", "personnel", roster);
    let mut wages = "工号,姓名,开户行,银行卡号,基本工资,绩效,实发\r\n".to_owned();
    for n in 1..=60 {
        let (name, card) = (page.name(), page.value("bank-card"));
        let (base, bonus) = (5000 + page.number(4000), page.number(3000));
        let _ = write!(wages, "{n:05},{name},工商银行,{card},{base}.00,{bonus}.00,{}.00\r\n", base + bonus);
    }
    Ok(vec![roster, page.keep("人事/工资表2026-03.csv", "personnel", gb18030(&wages))])
}

fn contract(page: &mut Page) -> io::Result<Vec<u8>> {
    let (ours, theirs) = (page.value("uscc"), page.value("uscc"));
    let (account, phone, signer) = (page.value("bank-card"), page.value("landline"), page.name());
    let number = page.number(900) + 100;
    plant::docx(&[
        "采购合同",
        &format!("合同编号：CG-2026-{number}　　签订地点：苏州"),
        &format!("甲方：华东精密机械有限公司　统一社会信用代码：{ours}"),
        &format!("乙方：宁波海晨轴承有限公司　统一社会信用代码：{theirs}"),
        "一、标的：圆锥滚子轴承 30210，数量 480 套，单价人民币 126.50 元（含税）。",
        &format!("二、付款：货到验收后三十日内汇入乙方账户，银行账号：{account}。"),
        &format!("三、联系人：{signer}，办公电话：{phone}。"),
        "四、违约责任：逾期交货按日万分之五支付违约金；未经甲方书面同意不得披露技术资料。",
        "五、争议解决：协商不成的，提交甲方所在地人民法院管辖。",
    ])
}

fn contracts(page: &mut Page) -> io::Result<Vec<Kept>> {
    let one = contract(page)?;
    let one = page.keep("合同/采购合同.docx", "contract", one);
    let (a, b) = (contract(page)?, contract(page)?);
    let archive = plant::zip(&[("2025/合同一.docx", &a), ("2025/合同二.docx", &b)])?;
    Ok(vec![one, page.keep("合同/2025归档.zip", "contract", archive)])
}

fn production(page: &mut Page) -> io::Result<Vec<Kept>> {
    let mut recipe = "配方编号,工序,设定值,单位,上限,下限,保密等级\n".to_owned();
    for (step, unit) in
        [("升温", "℃"), ("保压", "MPa"), ("搅拌", "r/min"), ("加料A", "kg"), ("加料B", "kg"), ("冷却", "℃")]
    {
        let value = 20 + page.number(160);
        let _ = writeln!(recipe, "RX-A3-07,{step},{value},{unit},{},{},内部", value + 5, value.saturating_sub(5));
    }
    let recipe = page.keep("生产/配方RX-A3.csv", "production", recipe.into_bytes());
    let mut readings = "时间,位号,数值,质量,单位\n".to_owned();
    for n in 0..600 {
        let (tag, value) = (100 + page.number(40), page.number(900));
        let _ = writeln!(
            readings,
            "2026-03-14 {:02}:{:02}:00,FT-{tag},{}.{},GOOD,m3/h",
            n / 60,
            n % 60,
            value / 10,
            value % 10
        );
    }
    let packed = plant::gzip(readings.as_bytes())?;
    Ok(vec![recipe, page.keep("生产/读数2026-03-14.csv.gz", "production", packed)])
}

fn control(page: &mut Page) -> Vec<Kept> {
    let program = "FUNCTION_BLOCK \"FB_Tank\"\n{ S7_Optimized_Access := 'TRUE' }\nVERSION : 0.1\n   VAR_INPUT\n      Level : Real;\n      \
        HighLimit : Real := 85.0;\n   END_VAR\n   VAR_OUTPUT\n      Valve : Bool;\n   END_VAR\nBEGIN\n   IF #Level > #HighLimit THEN\n      \
        #Valve := FALSE;\n   END_IF;\nEND_FUNCTION_BLOCK\n";
    let program = page.keep("控制/FB_Tank.scl", "control", program.as_bytes().to_vec());
    let mut tags = "Name;Path;Data Type;Logical Address;Comment\r\n".to_owned();
    for n in 0..40 {
        let _ = write!(tags, "Tank{n}_Level;Default tag table;Real;%MD{};液位{n}\r\n", 100 + 4 * n);
    }
    let tags = page.keep("控制/PLC变量表.csv", "control", gb18030(&tags));
    let ladder = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<RSLogix5000Content SchemaRevision=\"1.0\" SoftwareRevision=\"33.00\" \
        TargetName=\"Line_A3\" TargetType=\"Controller\">\n<Controller Use=\"Target\" Name=\"Line_A3\" ProcessorType=\"1756-L83E\"/>\n</RSLogix5000Content>\n";
    vec![program, tags, page.keep("控制/Line_A3.L5X", "control", ladder.as_bytes().to_vec())]
}

fn rest(page: &mut Page) -> io::Result<Vec<Kept>> {
    let topology = "区域\t设备\t地址\t上联\r\n生产控制区\t核心交换机 S5735\t10.20.0.1\t-\r\n生产控制区\tPLC A3\t10.20.3.11\tS5735 口 7\r\n\
        生产控制区\t历史库服务器\t10.20.9.5\tS5735 口 2\r\n管理区\t防火墙 USG6525\t10.10.0.254\t出口\r\n";
    let topology = page.keep("网络/网络拓扑.txt", "network", gb18030(topology));
    let settings = format!(
        "[historian]\nhost = 10.20.9.5\nuser = mes\npassword = {}\n\n[report]\ndatabase_url = {}\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        page.value("password"),
        page.value("connection-string"),
        page.value("aws-key-id"),
        page.value("aws-secret")
    );
    let settings = page.keep("运维/collector.ini", "operation", settings.into_bytes());
    let key = page.value("private-key");
    let key = page.keep("运维/backup_id_rsa", "operation", format!("{key}\n").into_bytes());
    let mut customers = "客户,联系人,手机,车架号,车牌号\r\n".to_owned();
    for n in 1..=40 {
        let name = page.name();
        let (mobile, vin, plate) = (page.value("mobile"), page.value("vin"), page.value("plate"));
        let _ = write!(customers, "客户{n:03},{name},{mobile},{vin},{plate}\r\n");
    }
    let customers = page.keep("客户/售后登记.csv", "customers", utf16(&customers));
    let mut prices = vec![cells(&["供应商", "物料", "含税单价", "账期", "备注"])];
    prices.extend(
        (1..30).map(|n| cells(&[&format!("供应商{n:02}"), "轴承 30210", &format!("{}.50", 100 + n), "60 天", ""])),
    );
    let prices = plant::xlsx("价格", prices.into_iter())?;
    let prices = page.keep("财务/供应商价格.xlsx", "finance", prices);
    let drawing = "0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1015\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n0\nTEXT\n8\n标题栏\n10\n0.0\n20\n0.0\n40\n2.5\n1\n\
        图号 HD-2026-0031 泵壳\n0\nENDSEC\n0\nEOF\n";
    let drawing = page.keep("研发/泵壳.dxf", "research", drawing.as_bytes().to_vec());
    let letter = mail(page);
    let letter = page.keep("邮件/询价.eml", "mail", letter);
    Ok(vec![topology, settings, key, customers, prices, drawing, letter])
}

/// A letter with a body in GBK and a table attached, both in base64 (RFC 2045).
fn mail(page: &mut Page) -> Vec<u8> {
    let (from, phone) = (page.value("email"), page.value("mobile"));
    let body = format!("您好：\r\n附件为报价单，请查收。如有疑问请致电 手机：{phone}。\r\n");
    let (name, id) = (page.name(), page.value("resident-id"));
    let table = format!("驾驶员,身份证号\r\n{name},{id}\r\n");
    let part = |kind: &str, bytes: &[u8]| {
        let folded: Vec<String> =
            kinds::base64(bytes).as_bytes().chunks(76).map(|l| String::from_utf8_lossy(l).into_owned()).collect();
        format!(
            "--part\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            folded.join("\r\n")
        )
    };
    let subject = kinds::base64("询价回复".as_bytes());
    format!(
        "From: <{from}>\r\nTo: <buyer@plant.example>\r\nSubject: =?UTF-8?B?{subject}?=\r\nDate: Mon, 16 Mar 2026 09:12:00 +0800\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"part\"\r\n\r\n{}{}--part--\r\n",
        part("text/plain; charset=gbk", &gb18030(&body)),
        part("text/csv; charset=utf-8; name=\"drivers.csv\"", table.as_bytes())
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_make_equal_shares_and_every_format_is_there() {
        let (a, b) = (share(1).unwrap(), share(1).unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| a.path == b.path && a.bytes == b.bytes && a.values == b.values));
        for ending in ["xlsx", "csv", "docx", "zip", "gz", "scl", "L5X", "txt", "ini", "dxf", "eml"] {
            assert!(a.iter().any(|k| k.path.ends_with(&format!(".{ending}"))), "{ending}");
        }
        assert!(a.iter().map(|k| k.values.len()).sum::<usize>() > 500);
    }

    #[test]
    fn what_is_plain_holds_its_values() {
        for kept in share(2).unwrap() {
            let text = String::from_utf8_lossy(&kept.bytes).into_owned();
            if ["ini", "rsa"].iter().any(|e| kept.path.ends_with(e)) {
                assert!(!kept.values.is_empty() && kept.values.iter().all(|(_, v)| text.contains(v)), "{}", kept.path);
            }
        }
    }
}
