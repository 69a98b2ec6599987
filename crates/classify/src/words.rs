//! The context words: Chinese in UTF-8 and GB18030, English and pinyin abbreviations in lower case.
//!
//! Weights are tenths of a unit of log-odds. A word counts for one class; a word against all classes carries
//! [`NEG`]. The GB18030 forms are held equal to the UTF-8 forms by a test where a transcoder is at hand.

use crate::Class;

/// What a word speaks of: a class's number, or [`NEG`].
pub(crate) type About = u8;
/// The word speaks against any class.
pub(crate) const NEG: About = 7;
const CARD: About = Class::BankCard as u8;
const MOB: About = Class::Mobile as u8;
const RID: About = Class::ResidentId as u8;
const USCC: About = Class::Uscc as u8;
const MAIL: About = Class::Email as u8;
const VIN: About = Class::Vin as u8;

/// A Chinese word.
#[derive(Debug)]
pub(crate) struct Han {
    pub(crate) utf8: &'static str,
    pub(crate) gb: &'static [u8],
    pub(crate) about: About,
    pub(crate) weight: i16,
}
/// An English word or pinyin abbreviation: one token.
#[derive(Debug)]
pub(crate) struct Latin {
    pub(crate) word: &'static str,
    pub(crate) about: About,
    pub(crate) weight: i16,
}

const fn l(word: &'static str, about: About, weight: i16) -> Latin {
    Latin { word, about, weight }
}

/// Longer words before their own beginnings.
#[rustfmt::skip]
pub(crate) static HAN: &[Han] = &[
    Han { utf8: "居民身份证", gb: b"\xbe\xd3\xc3\xf1\xc9\xed\xb7\xdd\xd6\xa4", about: RID, weight: 32 },
    Han { utf8: "身份证号", gb: b"\xc9\xed\xb7\xdd\xd6\xa4\xba\xc5", about: RID, weight: 32 },
    Han { utf8: "身份证", gb: b"\xc9\xed\xb7\xdd\xd6\xa4", about: RID, weight: 30 },
    Han { utf8: "公民身份号码", gb: b"\xb9\xab\xc3\xf1\xc9\xed\xb7\xdd\xba\xc5\xc2\xeb", about: RID, weight: 32 },
    Han { utf8: "身份号码", gb: b"\xc9\xed\xb7\xdd\xba\xc5\xc2\xeb", about: RID, weight: 28 },
    Han { utf8: "证件号", gb: b"\xd6\xa4\xbc\xfe\xba\xc5", about: RID, weight: 24 },
    Han { utf8: "身分證", gb: b"\xc9\xed\xb7\xd6\xd7\x43", about: RID, weight: 30 },
    Han { utf8: "证件", gb: b"\xd6\xa4\xbc\xfe", about: RID, weight: 16 },
    Han { utf8: "手机号", gb: b"\xca\xd6\xbb\xfa\xba\xc5", about: MOB, weight: 30 },
    Han { utf8: "手机", gb: b"\xca\xd6\xbb\xfa", about: MOB, weight: 28 },
    Han { utf8: "移动电话", gb: b"\xd2\xc6\xb6\xaf\xb5\xe7\xbb\xb0", about: MOB, weight: 30 },
    Han { utf8: "联系电话", gb: b"\xc1\xaa\xcf\xb5\xb5\xe7\xbb\xb0", about: MOB, weight: 30 },
    Han { utf8: "电话", gb: b"\xb5\xe7\xbb\xb0", about: MOB, weight: 28 },
    Han { utf8: "联系方式", gb: b"\xc1\xaa\xcf\xb5\xb7\xbd\xca\xbd", about: MOB, weight: 26 },
    Han { utf8: "手機", gb: b"\xca\xd6\x99\x43", about: MOB, weight: 28 },
    Han { utf8: "電話", gb: b"\xeb\x8a\xd4\x92", about: MOB, weight: 28 },
    Han { utf8: "联系人", gb: b"\xc1\xaa\xcf\xb5\xc8\xcb", about: MOB, weight: 14 },
    Han { utf8: "银行卡", gb: b"\xd2\xf8\xd0\xd0\xbf\xa8", about: CARD, weight: 32 },
    Han { utf8: "卡号", gb: b"\xbf\xa8\xba\xc5", about: CARD, weight: 30 },
    Han { utf8: "信用卡", gb: b"\xd0\xc5\xd3\xc3\xbf\xa8", about: CARD, weight: 32 },
    Han { utf8: "储蓄卡", gb: b"\xb4\xa2\xd0\xee\xbf\xa8", about: CARD, weight: 32 },
    Han { utf8: "借记卡", gb: b"\xbd\xe8\xbc\xc7\xbf\xa8", about: CARD, weight: 32 },
    Han { utf8: "银联", gb: b"\xd2\xf8\xc1\xaa", about: CARD, weight: 26 },
    Han { utf8: "账号", gb: b"\xd5\xcb\xba\xc5", about: CARD, weight: 22 },
    Han { utf8: "帐号", gb: b"\xd5\xca\xba\xc5", about: CARD, weight: 22 },
    Han { utf8: "账户", gb: b"\xd5\xcb\xbb\xa7", about: CARD, weight: 22 },
    Han { utf8: "开户行", gb: b"\xbf\xaa\xbb\xa7\xd0\xd0", about: CARD, weight: 26 },
    Han { utf8: "银行", gb: b"\xd2\xf8\xd0\xd0", about: CARD, weight: 22 },
    Han { utf8: "收款", gb: b"\xca\xd5\xbf\xee", about: CARD, weight: 16 },
    Han { utf8: "统一社会信用代码", gb: b"\xcd\xb3\xd2\xbb\xc9\xe7\xbb\xe1\xd0\xc5\xd3\xc3\xb4\xfa\xc2\xeb", about: USCC, weight: 32 },
    Han { utf8: "社会信用代码", gb: b"\xc9\xe7\xbb\xe1\xd0\xc5\xd3\xc3\xb4\xfa\xc2\xeb", about: USCC, weight: 32 },
    Han { utf8: "信用代码", gb: b"\xd0\xc5\xd3\xc3\xb4\xfa\xc2\xeb", about: USCC, weight: 30 },
    Han { utf8: "纳税人识别号", gb: b"\xc4\xc9\xcb\xb0\xc8\xcb\xca\xb6\xb1\xf0\xba\xc5", about: USCC, weight: 30 },
    Han { utf8: "税号", gb: b"\xcb\xb0\xba\xc5", about: USCC, weight: 26 },
    Han { utf8: "组织机构代码", gb: b"\xd7\xe9\xd6\xaf\xbb\xfa\xb9\xb9\xb4\xfa\xc2\xeb", about: USCC, weight: 18 },
    Han { utf8: "营业执照", gb: b"\xd3\xaa\xd2\xb5\xd6\xb4\xd5\xd5", about: USCC, weight: 22 },
    Han { utf8: "车架号", gb: b"\xb3\xb5\xbc\xdc\xba\xc5", about: VIN, weight: 32 },
    Han { utf8: "车辆识别", gb: b"\xb3\xb5\xc1\xbe\xca\xb6\xb1\xf0", about: VIN, weight: 32 },
    Han { utf8: "车架", gb: b"\xb3\xb5\xbc\xdc", about: VIN, weight: 24 },
    Han { utf8: "底盘号", gb: b"\xb5\xd7\xc5\xcc\xba\xc5", about: VIN, weight: 26 },
    Han { utf8: "邮箱", gb: b"\xd3\xca\xcf\xe4", about: MAIL, weight: 14 },
    Han { utf8: "电子邮件", gb: b"\xb5\xe7\xd7\xd3\xd3\xca\xbc\xfe", about: MAIL, weight: 14 },
    Han { utf8: "邮件", gb: b"\xd3\xca\xbc\xfe", about: MAIL, weight: 12 },
    Han { utf8: "示例", gb: b"\xca\xbe\xc0\xfd", about: NEG, weight: 18 },
    Han { utf8: "样例", gb: b"\xd1\xf9\xc0\xfd", about: NEG, weight: 18 },
    Han { utf8: "测试", gb: b"\xb2\xe2\xca\xd4", about: NEG, weight: 16 },
    Han { utf8: "例如", gb: b"\xc0\xfd\xc8\xe7", about: NEG, weight: 10 },
    Han { utf8: "虚构", gb: b"\xd0\xe9\xb9\xb9", about: NEG, weight: 18 },
    Han { utf8: "时间戳", gb: b"\xca\xb1\xbc\xe4\xb4\xc1", about: NEG, weight: 18 },
    Han { utf8: "版本", gb: b"\xb0\xe6\xb1\xbe", about: NEG, weight: 14 },
    Han { utf8: "订单号", gb: b"\xb6\xa9\xb5\xa5\xba\xc5", about: NEG, weight: 16 },
    Han { utf8: "流水号", gb: b"\xc1\xf7\xcb\xae\xba\xc5", about: NEG, weight: 16 },
    Han { utf8: "序列号", gb: b"\xd0\xf2\xc1\xd0\xba\xc5", about: NEG, weight: 16 },
    Han { utf8: "单号", gb: b"\xb5\xa5\xba\xc5", about: NEG, weight: 14 },
];

#[rustfmt::skip]
pub(crate) static LATIN: &[Latin] = &[
    l("idcard", RID, 30), l("idno", RID, 26), l("idnumber", RID, 26), l("identity", RID, 22), l("identification", RID, 20),
    l("sfz", RID, 30), l("sfzh", RID, 30), l("sfzhm", RID, 30), l("cardid", RID, 16), l("citizen", RID, 14), l("resident", RID, 18),
    l("phone", MOB, 28), l("mobile", MOB, 28), l("tel", MOB, 28), l("telephone", MOB, 28), l("cellphone", MOB, 30), l("cell", MOB, 16),
    l("msisdn", MOB, 30), l("sjh", MOB, 28), l("sjhm", MOB, 28), l("shouji", MOB, 28), l("dianhua", MOB, 26), l("lxdh", MOB, 28),
    l("sms", MOB, 18), l("contact", MOB, 14), l("wechat", MOB, 12), l("whatsapp", MOB, 20), l("phonenumber", MOB, 30),
    l("card", CARD, 24), l("cardno", CARD, 32), l("cardnumber", CARD, 32), l("bankcard", CARD, 32), l("creditcard", CARD, 32),
    l("bank", CARD, 24), l("credit", CARD, 18), l("debit", CARD, 24), l("unionpay", CARD, 30), l("visa", CARD, 28),
    l("mastercard", CARD, 30), l("amex", CARD, 28), l("pan", CARD, 20), l("yhk", CARD, 30), l("yhkh", CARD, 32), l("account", CARD, 14),
    l("uscc", USCC, 32), l("tyshxydm", USCC, 32), l("shxydm", USCC, 32), l("xydm", USCC, 30), l("nsrsbh", USCC, 30), l("taxpayer", USCC, 24),
    l("vin", VIN, 30), l("chassis", VIN, 24), l("vehicle", VIN, 20), l("cjh", VIN, 28), l("clsbdh", VIN, 30), l("clsbdm", VIN, 30),
    l("email", MAIL, 14), l("mail", MAIL, 14), l("mailto", MAIL, 14), l("mailbox", MAIL, 12), l("yx", MAIL, 6), l("contact", MAIL, 8),
    l("test", NEG, 16), l("tests", NEG, 16), l("testing", NEG, 14), l("example", NEG, 18), l("examples", NEG, 18), l("sample", NEG, 16),
    l("dummy", NEG, 18), l("demo", NEG, 14), l("mock", NEG, 16), l("fake", NEG, 18), l("placeholder", NEG, 16), l("uuid", NEG, 18),
    l("guid", NEG, 18), l("timestamp", NEG, 18), l("version", NEG, 14), l("hash", NEG, 14), l("checksum", NEG, 14), l("md", NEG, 4),
    l("sha", NEG, 14), l("serial", NEG, 14), l("order", NEG, 14), l("orderno", NEG, 16), l("trace", NEG, 10), l("random", NEG, 12),
    l("isbn", NEG, 18), l("ean", NEG, 14), l("sku", NEG, 14), l("imei", NEG, 18), l("build", NEG, 10), l("offset", NEG, 10),
];
