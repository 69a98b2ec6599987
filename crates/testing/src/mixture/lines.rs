//! Single lines of each style. No line holds a value of a kind by design; look-alikes it holds in numbers.

use crate::kinds::{Kind, some};
use crate::plant::Rng;

const HEX: &[u8] = b"0123456789abcdef";
const EQUIPMENT: [&str; 24] = [
    "一号循环水泵",
    "二号空压机",
    "三号反应釜",
    "热轧机组",
    "冷却塔",
    "变频器",
    "焊接机器人",
    "涂装线",
    "注塑机",
    "包装线",
    "锅炉",
    "离心机",
    "换热器",
    "输送带",
    "数控车床",
    "加工中心",
    "立体仓库",
    "配电柜",
    "除尘器",
    "给料机",
    "干燥机",
    "压缩机组",
    "储罐",
    "废水处理站",
];
const PLACES: [&str; 12] = [
    "一车间",
    "二车间",
    "总装线",
    "动力站",
    "质检部",
    "设备部",
    "生产技术部",
    "仓储中心",
    "研发中心",
    "能源管理室",
    "中控室",
    "安全环保部",
];
const EVENTS: [&str; 16] = [
    "完成例行检修",
    "更换轴承并重新校准",
    "运行平稳，各项参数在允许范围之内",
    "振动值偏高，已安排停机检查",
    "因来料不足短时停机",
    "按计划切换到新配方",
    "能耗较上周下降",
    "润滑系统压力恢复正常",
    "出口温度波动，调整了比例阀开度",
    "通过了首件检验",
    "工艺卡片已更新并下发班组",
    "发现密封件渗漏，已记录在案",
    "完成了控制程序的备份",
    "按照作业指导书进行了清洗",
    "报警复位后继续运行",
    "交接班记录齐全",
];
const REMARKS: [&str; 8] = [
    "请各班组按期完成整改，并于下次例会前报送情况。",
    "以上内容由当班负责人确认。",
    "相关数据见附件三。",
    "具体安排另行通知。",
    "本周计划不变，重点是保证交付进度。",
    "供应商答复将在月底之前到货。",
    "经讨论，同意按第二方案执行。",
    "现场照片已归档。",
];
const ENGLISH: [&str; 12] = [
    "The shift report lists the pressures of all pumps and the hours that each of them ran.",
    "Line A3 was stopped for maintenance; the recipe was not changed.",
    "Please check the drawings against the revision in the index before ordering parts.",
    "The supplier confirmed the delivery of the spare bearings for next week.",
    "Set-points are kept in the table below and may only be changed by the process engineer.",
    "All readings are averages over one minute, taken at the outlet of the heat exchanger.",
    "The controller restarted twice during the night; the cause is still being looked for.",
    "Quality control rejected four parts of the batch because of scratches on the sealing face.",
    "See the manual for the torque of each screw.",
    "Energy use per tonne fell by two per cent against the month before.",
    "The meeting agreed on the second proposal.",
    "Operators are asked to lock the cabinet after each intervention.",
];
const NAMES: [&str; 16] =
    ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林"];
const GIVEN: [&str; 16] =
    ["伟", "芳", "秀英", "建国", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "志明", "海燕"];

/// What a text looks like.
#[derive(Clone, Debug)]
pub(super) enum Style {
    Prose,
    English,
    Readings,
    Stock,
    Log,
    Settings,
    Source,
    Structured,
}
impl Style {
    /// Of twenty texts: five of prose, five tables, four logs, two of settings, four of source text.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        match rng.below(20) {
            0..=3 => Self::Prose,
            4 => Self::English,
            5..=7 => Self::Readings,
            8..=9 => Self::Stock,
            10..=13 => Self::Log,
            14..=15 => Self::Settings,
            16..=18 => Self::Source,
            _ => Self::Structured,
        }
    }
    pub(super) fn ending(&self) -> &'static str {
        match self {
            Self::Prose | Self::English => "txt",
            Self::Readings | Self::Stock => "csv",
            Self::Log => "log",
            Self::Settings => "ini",
            Self::Source => "c",
            Self::Structured => "st",
        }
    }
    pub(super) fn is_table(&self) -> bool {
        matches!(self, Self::Readings | Self::Stock)
    }
    pub(super) fn header(&self) -> Option<&'static str> {
        match self {
            Self::Readings => Some("时间,设备,温度,压力,流量,批号,备注"),
            Self::Stock => Some("物料编码,名称,规格,数量,仓位,订单号,备注"),
            _ => None,
        }
    }
    /// A line without a value.
    pub(super) fn line(&self, rng: &mut Rng) -> String {
        match self {
            Self::Prose => prose(rng),
            Self::English => (*rng.pick(&ENGLISH)).to_owned(),
            Self::Readings | Self::Stock => self.row(rng, ""),
            Self::Log => log(rng),
            Self::Settings => setting(rng),
            Self::Source => source(rng),
            Self::Structured => structured(rng),
        }
    }
    /// A line that holds `value`, as somebody would write it in a text of this style.
    pub(super) fn planted(&self, kind: &Kind, value: &str, rng: &mut Rng) -> String {
        let word = *rng.pick(&kind.words);
        match self {
            Self::Prose => format!("{}经核对，{}{value}，已登记。", rng.pick(&PLACES), kind.words[0]),
            Self::English => format!("For the record, {}{value} was noted.", kind.words[1]),
            Self::Readings | Self::Stock => self.row(rng, &format!("{}{value}", kind.words[0])),
            Self::Log => format!("{} 登记 {word}{value}", log_head(rng)),
            Self::Settings => format!("{} = {value}", kind.key),
            Self::Source => format!("static const char *{} = \"{value}\";", kind.key),
            Self::Structured => format!("    (* {word}{value} *)"),
        }
    }
    fn row(&self, rng: &mut Rng, remark: &str) -> String {
        if matches!(self, Self::Readings) {
            let (t, p, q) = (rng.below(1800), rng.below(900), rng.below(40_000));
            let equipment = rng.pick(&EQUIPMENT);
            let time = time(rng, ' ');
            let batch = 1 + rng.below(9_999);
            format!("{time},{equipment},{}.{},0.{p:03},{}.{},2026{batch:06},{remark}", t / 10, t % 10, q / 10, q % 10)
        } else {
            // Material and order numbers have as many digits as cards and identity numbers.
            let (material, order) = (rng.digits(10), rng.digits(8));
            let (equipment, shelf) = (rng.pick(&EQUIPMENT), rng.below(99));
            format!(
                "00000000{material},{equipment}备件,DN{}-PN{},{},A{shelf:02}-{:02},45{order},{remark}",
                25 * (1 + rng.below(20)),
                10 + 6 * rng.below(3),
                rng.below(500),
                rng.below(40)
            )
        }
    }
}

/// A row of a staff list: number, name, the given cells, department, date.
pub(super) fn staff_row(rng: &mut Rng, number: u64, cells: &str) -> String {
    let (name, given, place) = (rng.pick(&NAMES), rng.pick(&GIVEN), rng.pick(&PLACES));
    format!("{number:05},{name}{given},{cells},{place},20{:02}-{:02}-01", 8 + rng.below(18), 1 + rng.below(12))
}

fn time(rng: &mut Rng, between: char) -> String {
    let (month, day) = (1 + rng.below(12), 1 + rng.below(28));
    format!("2026-{month:02}-{day:02}{between}{:02}:{:02}:{:02}", rng.below(24), rng.below(60), rng.below(60))
}

fn uuid(rng: &mut Rng) -> String {
    let part = |rng: &mut Rng, n| some(rng, HEX, n);
    format!("{}-{}-4{}-a{}-{}", part(rng, 8), part(rng, 4), part(rng, 3), part(rng, 3), part(rng, 12))
}

fn prose(rng: &mut Rng) -> String {
    let (month, day) = (1 + rng.below(12), 1 + rng.below(28));
    let mut out = format!("{month}月{day}日，{}{}{}", rng.pick(&PLACES), rng.pick(&EQUIPMENT), rng.pick(&EVENTS));
    if rng.below(2) == 0 {
        out.push_str(&format!("，温度{}℃，压力0.{:02}MPa", 20 + rng.below(160), rng.below(90)));
    }
    if rng.below(3) == 0 {
        out.push_str(&format!("；{}{}", rng.pick(&EQUIPMENT), rng.pick(&EVENTS)));
    }
    out.push('。');
    if rng.below(3) == 0 {
        let remark: &&str = rng.pick(&REMARKS);
        out.push_str(remark);
    }
    out
}

fn log_head(rng: &mut Rng) -> String {
    let level = rng.pick(&["INFO", "INFO", "INFO", "WARN", "DEBUG", "ERROR"]);
    format!("{},{:03} {level} [worker-{}]", time(rng, ' '), rng.below(1000), rng.below(16))
}

fn log(rng: &mut Rng) -> String {
    let head = log_head(rng);
    match rng.below(6) {
        0 => format!("{head} c.p.mes.OrderService - order 2026{} accepted in {} ms", rng.digits(14), rng.below(900)),
        1 => {
            format!("{head} c.p.opc.Reader - tag PLC1.DB{}.W{} = {}", rng.below(200), rng.below(80), rng.below(32_768))
        }
        2 => format!("{head} trace={} span={} took={}us", uuid(rng), some(rng, HEX, 16), rng.below(90_000)),
        3 => format!(
            "{head} http 10.{}.{}.{} GET /api/lines/{} 200",
            rng.below(9),
            rng.below(256),
            rng.below(256),
            rng.below(40)
        ),
        4 => format!("{head} 设备 {} 心跳 ts=17{} seq={}", rng.pick(&EQUIPMENT), rng.digits(11), rng.below(1 << 20)),
        _ => format!("{head} c.p.hist.Writer - wrote {} points to block {}", rng.below(5000), some(rng, HEX, 12)),
    }
}

fn setting(rng: &mut Rng) -> String {
    let name = rng.pick(&["timeout", "retries", "poll_interval", "cache_size", "workers", "buffer", "port"]);
    match rng.below(7) {
        0 => format!("\n[{}_{}]", rng.pick(&["line", "gateway", "historian", "opc", "mqtt"]), rng.below(40)),
        1 => format!("# {}", rng.pick(&REMARKS)),
        2 => format!("node_id = {}", uuid(rng)),
        3 => format!("image = registry.plant.internal/mes@sha256:{}", some(rng, HEX, 64)),
        4 => format!("endpoint = opc.tcp://10.{}.{}.{}:4840", rng.below(9), rng.below(256), 1 + rng.below(254)),
        _ => format!("{name} = {}", rng.below(60_000)),
    }
}

fn source(rng: &mut Rng) -> String {
    let (a, b) = (rng.below(1000), rng.below(1 << 24));
    match rng.below(8) {
        0 => format!("static int handle_{a}(struct frame *f, size_t n)\n{{"),
        1 => format!("    if (f->flags & FLAG_{a}) {{\n        return -EINVAL;\n    }}"),
        2 => format!("#define REG_{a} 0x{b:08X}u /* see table {} */", a % 40),
        3 => "    return 0;\n}\n".to_owned(),
        4 => format!("    memcpy(out + {a}, f->data, n < {} ? n : {});", b % 512, b % 512),
        5 => format!("/* {} */", rng.pick(&ENGLISH)),
        6 => format!(
            "    static const uint8_t key_{a}[] = {{ 0x{:02x}, 0x{:02x}, 0x{:02x} }};",
            b & 255,
            b >> 8 & 255,
            b >> 16
        ),
        _ => format!("    total_{} += read_word(f, {a}) * {};", a % 30, b % 97),
    }
}

fn structured(rng: &mut Rng) -> String {
    let (a, b) = (rng.below(60), rng.below(1000));
    match rng.below(5) {
        0 => format!("    IF Tank{a}.Level > {b}.0 THEN\n        Valve{a}.Open := FALSE;\n    END_IF;"),
        1 => format!("    PID{a}(SP := {b}.{}, PV := AI{a}.Value, KP := 1.{});", a % 10, b % 100),
        2 => format!("    (* {} *)", rng.pick(&REMARKS)),
        3 => format!("    Timer{a}(IN := Motor{a}.Run, PT := T#{b}MS);"),
        _ => format!("    Total{a} := Total{a} + AI{}.Value * 0.{b:03};", a % 16),
    }
}
