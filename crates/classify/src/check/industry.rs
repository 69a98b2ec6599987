//! Names and addresses in control systems: tags, controller addresses, nodes, objects, tool paths.

use super::Validity;
use Validity::{Fair, No, Strong, Weak};

/// First letters of ISA-5.1 table 1 with the readout letters that plants put behind them.
const FUNCTIONS: &str = " TI TT TE TIC TC TCV TV TIT TIR TIA TS TSH TSL TSHH TSLL TAH TAL TAHH TALL TZ TW TY TICA TIRC PI PT PIC PC PCV PV PIT PIR PIA PS PSH PSL \
PSHH PSLL PAH PAL PSV PSE PDI PDT PDIT PDIC PDS PY PZ PICA FI FT FE FIC FC FCV FV FIT FIR FQ FQI FQIT FIQ FS FSL FSH FSLL FAL FAH FFIC FFC FO FY FZ FICA LI LT \
LE LIC LC LCV LV LIT LIR LIA LS LSH LSL LSHH LSLL LAH LAL LAHH LALL LG LY LZ LICA AI AT AE AIC AIT AIR AAH AAL ASH HS HV HIC HC HCV HIK II IT SI ST SE SIC SC \
SIT ST VI VT VE VIT VSH VAH VSHH ZI ZT ZS ZSO ZSC ZSH ZSL ZIT ZE ZY XV XS XY XA XI XE XZV XSV SDV ESDV BDV MOV ROV UV UZV WI WT WE WIC WIT WQ DI DT DIT DIC \
JI JT JIT EI ET EIT KC KI KIC KS YS YI YL BE BS BSL MI MT MIC MIT QI QT GD GDS GT RD CV CIC CI CT CE CIT ";
/// Codes of equipment that stand the same way: pumps, vessels, exchangers, compressors, fans.
const EQUIPMENT: &str = " P V E C T R D K M H F B PU TK HX AC CM AG RX RV EX FA BL CP GB ";
/// Standards, file and hardware names that read like tags.
const NOT: &str = " GB ISO IEC DIN EN PC TV UTF SHA AES RFC CVE USB RS SN NO ID IP ER MD ASCII ANSI IEEE JIS HG SH SY JB QB YB DL GBT CPU PLC RTU AWG COM LPT \
CR LF ES CS TS GT XE RX LED HTTP ";

fn parts_of_tag(text: &str) -> Option<(&str, &str, bool)> {
    // An area or unit number may stand before: 01-TIC-101A, 10TIC101.
    let area = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let prefixed = area > 0 && area <= 4;
    let rest = text.get(area..)?.trim_start_matches(['-', '_']);
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_uppercase()).len();
    let (function, tail) = (rest.get(..letters)?, rest.get(letters..)?.trim_start_matches(['-', '_', ' ']));
    Some((function, tail, prefixed))
}

/// ISA-5.1 tag: measured variable and functions, loop number of two to five digits, a letter; `TIC-101`, `01-FT-2003A`.
pub(super) fn isa_tag(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let base = text.split('.').next().unwrap_or_default();
    let Some((function, tail, prefixed)) = parts_of_tag(base) else { return No };
    let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let suffix = tail.get(digits..).unwrap_or_default();
    let ends = suffix.len() <= 2
        && suffix.trim_start_matches(['-', '_']).bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !(2..=5).contains(&digits) || !ends {
        return No;
    }
    let listed = |list: &str| list.contains(&format!(" {function} "));
    // The parameter of a controller block makes it certain: TIC101.PV, FIC-203.SP.
    let parameter = text.split('.').nth(1).is_some_and(|p| {
        matches!(p, "PV" | "SP" | "OP" | "MV" | "CV" | "OUT" | "MODE" | "AUTO" | "HH" | "LL" | "HI" | "LO")
    });
    if listed(NOT) && !prefixed {
        No
    } else if listed(FUNCTIONS) {
        if parameter || (prefixed && function.len() >= 3) {
            Strong
        } else if function.len() >= 3 {
            Fair
        } else {
            Weak
        }
    } else {
        Weak.when(prefixed && listed(EQUIPMENT))
    }
}

/// Siemens S7: `DB10.DBD4`, `DB10.DBX4.7`, `%MW100`, `I0.0`, `PIW256`, `M 10.1`. Data blocks speak for themselves.
pub(super) fn s7(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let number = |s: &str, max: u32| {
        (1..=5).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit()) && s.parse::<u32>().is_ok_and(|n| n <= max)
    };
    let bit = |s: &str| s.len() == 1 && matches!(s.as_bytes()[0], b'0'..=b'7');
    let percent = text.starts_with('%');
    let text = text.trim_start_matches('%');
    if let Some((block, rest)) = text.strip_prefix("DB").and_then(|r| r.split_once(".DB")) {
        let Some(kind) = rest.chars().next() else { return No };
        let address = rest.get(1..).unwrap_or_default();
        let good = match (kind, address.split_once('.')) {
            ('X', Some((byte, b))) => number(byte, 65535) && bit(b),
            ('B' | 'W' | 'D', None) => number(address, 65535),
            _ => false,
        };
        return Strong.when(number(block, 65535) && good);
    }
    let area = text
        .strip_prefix("PI")
        .or_else(|| text.strip_prefix("PQ"))
        .or_else(|| text.strip_prefix(['I', 'Q', 'M', 'E', 'A', 'V']));
    let Some(rest) = area else { return No };
    match rest.chars().next() {
        Some('B' | 'W' | 'D') => {
            (if percent { Fair } else { Weak }).when(number(rest.get(1..).unwrap_or_default(), 65535))
        }
        _ => {
            let (byte, b) = rest.trim_start().split_once('.').unwrap_or(("", ""));
            (if percent { Fair } else { Weak }).when(number(byte, 65535) && bit(b))
        }
    }
}

/// Modicon reference of a register or coil: 0, 1, 3 or 4 and four or five digits from 1. Any such number reads so.
pub(super) fn modbus(value: &[u8]) -> Validity {
    let shape = matches!(value.len(), 5 | 6)
        && value.iter().all(u8::is_ascii_digit)
        && matches!(value[0], b'0' | b'1' | b'3' | b'4');
    let at = value.get(1..).and_then(super::number).unwrap_or(0);
    Weak.when(shape && (1..=65536).contains(&at))
}

/// OPC UA NodeId (part 6, 5.3.1.10): namespace, then number, string, GUID or bytes.
pub(super) fn opc_node(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let (space, id) = match text.strip_prefix("ns=").and_then(|r| r.split_once(';')) {
        Some((n, id)) if n.parse::<u16>().is_ok() => (true, id),
        Some(_) => return No,
        None => (false, text),
    };
    let Some((kind, body)) = id.split_once('=') else { return No };
    let good = match kind {
        "i" => body.parse::<u32>().is_ok(),
        "s" => !body.is_empty() && body.len() <= 4096 && !body.contains(['\n', '\r']),
        "g" => {
            body.split('-').map(str::len).eq([8, 4, 4, 4, 12])
                && body.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        }
        "b" => body.len() >= 4 && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')),
        _ => false,
    };
    if !good {
        No
    } else if space {
        Strong
    } else {
        Weak
    }
}

/// OPC DA item: a path of three or more dotted names; `Channel1.Device1.Tag1`, `Random.Int4` is too short to tell.
pub(super) fn opc_item(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let text = text.strip_prefix("\\\\").unwrap_or(text);
    let names: Vec<&str> = text.split('.').collect();
    let name = |n: &&str| {
        !n.is_empty()
            && n.len() <= 40
            && n.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'!'))
            && !n.bytes().all(|b| b.is_ascii_digit())
    };
    if !(3..=10).contains(&names.len()) || !names.iter().all(name) {
        return No;
    }
    let lower = text.to_ascii_lowercase();
    let words = ["channel", "device", "plc", "tag", "opc", "dcs", "ns7", "s7-", "kep", "modbus", "db"];
    if words.iter().any(|w| lower.contains(w)) && isa_or_digits(names[names.len() - 1]) { Fair } else { Weak }
}
fn isa_or_digits(name: &str) -> bool {
    isa_tag(name.as_bytes()) != No || name.bytes().any(|b| b.is_ascii_digit())
}

/// Logical-node classes of IEC 61850-7-4 that stand in references.
const NODES: &str = " LLN0 LPHD MMXU MMTR MSQI MHAI MSTA CSWI CILO CPOW CALH XCBR XSWI PTOC PIOC PDIS PDIF PTOV PTUV PTUF PTOF PTRC PTTR PVOC PDOP PSCH PHAR PTEF \
PTEC RREC RSYN RBRF RDRE RADR RBDR RDIR RFLO RPSB GGIO GAPC GSAL ATCC AVCO ARCO ANCR YPTR YLTC YEFN YPSH TCTR TVTR SIMG SARC SPDC ZAXN ZBAT ZCAP ZGEN ZMOT ZREA \
ITCI ITMI IHMI IARC TTMP TPRS SCBR SLTC SOPM SPTR ";
/// IEC 61850 object reference: `LD/LN.DO.DA`, with `$` between the parts in MMS names.
pub(super) fn iec61850(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let text = text.split(['[', ' ']).next().unwrap_or_default();
    let Some((device, rest)) = text.split_once('/') else { return No };
    let named = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let parts: Vec<&str> = rest.split(['.', '$']).collect();
    let Some((node, objects)) = parts.split_first() else { return No };
    if !named(device)
        || device.len() > 64
        || !(1..=6).contains(&objects.len())
        || !objects.iter().all(|o| named(o))
        || !named(node)
    {
        return No;
    }
    let bytes = node.as_bytes();
    let class = (0..bytes.len().saturating_sub(3)).any(|i| {
        node.get(i..i + 4).is_some_and(|c| NODES.contains(&format!(" {c} ")))
            && bytes[i + 4..].iter().all(u8::is_ascii_digit)
    });
    Strong.when(class)
}

/// A block of ISO 6983: `N10 G01 X10.5 Y-3 F200`: two words or more, one of them G, M or a tool, each a letter and a number.
pub(super) fn g_code(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (mut words, mut moves, mut command) = (0, 0, false);
    let mut rest = plain.as_str();
    while let Some(letter) = rest.chars().next() {
        let number = rest.get(1..).unwrap_or_default();
        let length = number.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')).count();
        let digits = number.get(..length).unwrap_or_default();
        if !"NGMXYZABCUVWIJKFSTRPQHDLE".contains(letter) || digits.is_empty() || digits.parse::<f64>().is_err() {
            return No;
        }
        words += 1;
        moves += usize::from("XYZIJKR".contains(letter));
        command |= matches!(letter, 'G' | 'M' | 'T') && digits.len() <= 4;
        rest = number.get(length..).unwrap_or_default();
    }
    match (words, moves, command) {
        (3.., 1.., true) => Strong,
        (2.., _, true) => Fair,
        _ => No,
    }
}

/// Units of process values.
#[rustfmt::skip]
const UNITS: [&str; 58] = [
    "℃", "°C", "℉", "°F", "K", "MPa", "kPa", "Pa", "bar", "mbar", "psi", "m³/h", "m3/h", "Nm3/h", "Nm³/h", "t/h", "kg/h", "L/min", "l/min", "L/h", "mL/min", "m/s", "m/min",
    "mm/s", "mm/min", "mm/r", "r/min", "rpm", "Hz", "kHz", "kW", "MW", "kWh", "MWh", "kVA", "kV", "V", "mV", "A", "mA", "Ω", "N·m", "Nm", "kN", "N", "mm", "μm", "um", "cm", "m",
    "%", "ppm", "mg/L", "mg/m3", "pH", "s", "min", "h",
];
/// A number with a unit of process engineering: `85.0 ℃`, `0.6MPa`. Bare metres and seconds are weak.
pub(super) fn quantity(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let text = text.trim();
    let split =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '±' | '~'))).unwrap_or(text.len());
    let (number, unit) = (text.get(..split).unwrap_or_default(), text.get(split..).unwrap_or_default().trim());
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let listed = UNITS.contains(&unit);
    if digits == 0 || digits > 12 || !listed {
        No
    } else if unit.chars().count() == 1 && unit != "℃" {
        Weak
    } else {
        Fair
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_systems() {
        type Check = fn(&[u8]) -> Validity;
        let table: &[(Check, &str, Validity)] = &[
            (isa_tag, "TIC-101", Fair),
            (isa_tag, "TIC101.PV", Strong),
            (isa_tag, "01-FIC-2003A", Strong),
            (isa_tag, "PT-1001", Weak),
            (isa_tag, "LSHH-3001B", Fair),
            (isa_tag, "GB-2312", No),
            (isa_tag, "ISO-9001", No),
            (isa_tag, "UTF-16", No),
            (isa_tag, "TIC-1", No),
            (isa_tag, "ABC-1234", No),
            (s7, "DB10.DBD4", Strong),
            (s7, "DB10.DBX4.7", Strong),
            (s7, "DB10.DBX4.8", No),
            (s7, "DB10.DBD", No),
            (s7, "%MW100", Fair),
            (s7, "I0.0", Weak),
            (s7, "PIW256", Weak),
            (s7, "%Q1.9", No),
            (modbus, "40001", Weak),
            (modbus, "400001", Weak),
            (modbus, "40000", No),
            (modbus, "50001", No),
            (opc_node, "ns=2;s=Line1.Temp", Strong),
            (opc_node, "ns=3;i=1001", Strong),
            (opc_node, "i=2253", Weak),
            (opc_node, "ns=2;g=09087e75-8e5e-499b-954f-f2a9603db28a", Strong),
            (opc_node, "ns=70000;i=1", No),
            (opc_node, "ns=2;x=1", No),
            (opc_item, "Channel1.Device1.Tag1", Fair),
            (opc_item, "java.util.List", Weak),
            (opc_item, "Random.Int4", No),
            (opc_item, "1.2.3", No),
            (iec61850, "IED1LD0/MMXU1.TotW.mag.f", Strong),
            (iec61850, "simpleIOGenericIO/GGIO1.SPCSO1.stVal", Strong),
            (iec61850, "E1Q1LD/LLN0$BR$brcbEV01", Strong),
            (iec61850, "src/main.rs", No),
            (iec61850, "text/html.x", No),
            (g_code, "N10 G01 X10.5 Y-3 F200", Strong),
            (g_code, "G0X0Y0Z5", Strong),
            (g_code, "M3 S1200", Fair),
            (g_code, "X10 Y20", No),
            (g_code, "GOTO 10", No),
            (quantity, "85.0 ℃", Fair),
            (quantity, "0.6MPa", Fair),
            (quantity, "10 m", Weak),
            (quantity, "85", No),
            (quantity, "12 files", No),
        ];
        for (check, value, expect) in table {
            assert_eq!(check(value.as_bytes()), *expect, "{value}");
        }
    }
}
