//! The kinds of value that a mixture plants: those of [`plant`](crate::plant) and what other detectors look for.
//!
//! Every value is drawn, none is quoted from a manual, and every check digit is computed here, apart from the finders.
//! Tokens have the form that their issuer gives them and open nothing.

use crate::plant::{self, Rng};

/// A kind of value.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name in the manifest.
    pub id: &'static str,
    /// A hit counts for this kind if the id of its class contains one of these.
    pub classes: &'static [&'static str],
    /// Draws a value.
    pub make: fn(&mut Rng) -> String,
    /// What stands before it in prose, Chinese and English.
    pub words: [&'static str; 2],
    /// The key it has in a configuration.
    pub key: &'static str,
}

/// Every kind, the commonest identifiers first.
pub const KINDS: [Kind; 20] = [
    kind("resident-id", &["resident-id"], plant::resident_id, ["身份证号：", "ID card: "], "id_card"),
    kind("uscc", &["uscc"], plant::uscc, ["统一社会信用代码：", "USCC: "], "credit_code"),
    kind("bank-card", &["bank-card"], plant::bank_card, ["银行卡号：", "card number: "], "bank_card"),
    kind("mobile", &["mobile"], plant::mobile, ["手机：", "mobile: "], "mobile"),
    kind("vin", &["vin"], plant::vin, ["车架号：", "VIN: "], "vin"),
    kind("email", &["email"], plant::email, ["邮箱：", "e-mail: "], "email"),
    kind("private-key", &["private-key"], plant::private_key, ["", ""], ""),
    kind("landline", &["landline"], landline, ["办公电话：", "telephone: "], "telephone"),
    kind("passport", &["passport"], passport, ["护照号：", "passport no.: "], "passport"),
    kind("plate", &["plate"], plate, ["车牌号：", "licence plate: "], "plate_no"),
    kind("permit", &["permit"], permit, ["港澳居民来往内地通行证：", "Mainland travel permit: "], "permit_no"),
    kind("imei", &["imei"], imei, ["IMEI：", "IMEI: "], "imei"),
    kind("github-token", &["github."], github_token, ["令牌：", "token: "], "github_token"),
    kind("aws-key-id", &["aws.key-id"], aws_key_id, ["AWS 密钥：", "AWS access key: "], "aws_access_key_id"),
    kind("aws-secret", &["aws.secret"], aws_secret, ["AWS 私钥：", "AWS secret key: "], "aws_secret_access_key"),
    kind("slack-token", &["slack.token"], slack_token, ["Slack 令牌：", "Slack token: "], "slack_bot_token"),
    kind("stripe-key", &["stripe."], stripe_key, ["支付密钥：", "Stripe key: "], "stripe_secret_key"),
    kind("jwt", &["jwt"], jwt, ["令牌：", "bearer token: "], "access_token"),
    kind("password", &["password.assigned", "secret.assigned"], password, ["密码：", "password: "], "db_password"),
    kind(
        "connection-string",
        &["connection-string", "url.credentials"],
        connection,
        ["连接串：", "database: "],
        "database_url",
    ),
];

const fn kind(
    id: &'static str,
    classes: &'static [&'static str],
    make: fn(&mut Rng) -> String,
    words: [&'static str; 2],
    key: &'static str,
) -> Kind {
    Kind { id, classes, make, words, key }
}

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Base 62 in the order that GitHub's checksums use.
const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_URL: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `n` characters of an alphabet.
pub fn some(rng: &mut Rng, alphabet: &[u8], n: usize) -> String {
    (0..n).map(|_| char::from(*rng.pick(alphabet))).collect()
}

/// A landline number with its area code.
pub fn landline(rng: &mut Rng) -> String {
    let (area, n) = *rng.pick(&[("010", 8), ("021", 8), ("0512", 8), ("0755", 8), ("0574", 8), ("0931", 7)]);
    format!("{area}-{}{}", 2 + rng.below(7), rng.digits(n - 1))
}

/// An ordinary Chinese passport number (E and eight digits, or EA to EZ and seven).
pub fn passport(rng: &mut Rng) -> String {
    if rng.below(2) == 0 {
        format!("E{}", rng.digits(8))
    } else {
        format!("E{}{}", some(rng, b"ABCDEFGHJKLMNPQRSTUVWXYZ", 1), rng.digits(7))
    }
}

/// A number plate, with five places or, of a new-energy car, with six (GA 36).
pub fn plate(rng: &mut Rng) -> String {
    let place = rng.pick(&["京", "沪", "苏", "浙", "粤", "川"]);
    let city = some(rng, b"ABCDEFG", 1);
    if rng.below(3) == 0 {
        format!("{place}{city}{}{}", some(rng, b"DF", 1), rng.digits(5))
    } else {
        format!("{place}{city}{}{}", some(rng, b"ABCDEFGHJKLMNPQRSTUVWXYZ", 1), rng.digits(4))
    }
}

/// A Mainland travel permit of a resident of Hong Kong or Macao.
pub fn permit(rng: &mut Rng) -> String {
    format!("{}{}", some(rng, b"HM", 1), rng.digits(8))
}

/// A device's IMEI with its Luhn digit (3GPP TS 23.003).
pub fn imei(rng: &mut Rng) -> String {
    let body = format!("{}{}", rng.pick(&["35", "86", "01"]), rng.digits(12));
    let doubled = body.bytes().rev().enumerate().map(|(i, b)| {
        let d = u32::from(b - b'0');
        if i % 2 == 0 { (d * 2) / 10 + (d * 2) % 10 } else { d }
    });
    format!("{body}{}", (10 - doubled.sum::<u32>() % 10) % 10)
}

/// A GitHub personal access token: thirty characters and their CRC-32 in base 62.
pub fn github_token(rng: &mut Rng) -> String {
    let body = some(rng, BASE62, 30);
    let mut crc = flate2::Crc::new();
    crc.update(body.as_bytes());
    let mut left = crc.sum() as usize;
    let mut check = [b'0'; 6];
    for place in check.iter_mut().rev() {
        *place = BASE62[left % 62];
        left /= 62;
    }
    format!("ghp_{body}{}", String::from_utf8_lossy(&check))
}

/// The id of a long-lived AWS key.
pub fn aws_key_id(rng: &mut Rng) -> String {
    format!("AKIA{}", some(rng, BASE32, 16))
}

/// The secret half of an AWS key.
pub fn aws_secret(rng: &mut Rng) -> String {
    some(rng, BASE64, 40)
}

/// A bot token of Slack.
pub fn slack_token(rng: &mut Rng) -> String {
    format!("xoxb-2{}-4{}-{}", rng.digits(11), rng.digits(12), some(rng, BASE62, 24))
}

/// A live secret key of Stripe.
pub fn stripe_key(rng: &mut Rng) -> String {
    format!("sk_live_{}", some(rng, BASE62, 24))
}

/// A JSON Web Token signed with HS256 by nobody.
pub fn jwt(rng: &mut Rng) -> String {
    let claims = format!("{{\"sub\":\"{}\",\"iat\":17{}}}", rng.digits(8), rng.digits(8));
    let header = base64_url(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    format!("{header}.{}.{}", base64_url(claims.as_bytes()), some(rng, BASE64_URL, 43))
}

fn base64_url(bytes: &[u8]) -> String {
    base64_of(BASE64_URL, bytes)
}

/// Base64 with padding (RFC 4648).
pub fn base64(bytes: &[u8]) -> String {
    let bare = base64_of(BASE64, bytes);
    let padding = (4 - bare.len() % 4) % 4;
    bare + &"=".repeat(padding)
}

fn base64_of(alphabet: &[u8], bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0, |w, b| w << 8 | usize::from(*b)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|i| char::from(alphabet[word >> (18 - 6 * i) & 63])));
    }
    out
}

/// A password as people are told to make them.
pub fn password(rng: &mut Rng) -> String {
    let mark = *rng.pick(&["#", "!", "@", "%"]);
    format!("{}{}{mark}{}", some(rng, UPPER, 1), some(rng, b"abcdefghkmnpqrstuvwxyz", 5), some(rng, BASE62, 5))
}

/// The address of a database with the password in it.
pub fn connection(rng: &mut Rng) -> String {
    let scheme = *rng.pick(&["postgresql", "mysql", "mongodb", "redis"]);
    let host = format!("10.{}.{}.{}", rng.below(256), rng.below(256), 1 + rng.below(254));
    format!("{scheme}://mes:{}@{host}:{}/plant", some(rng, BASE62, 12), 1024 + rng.below(60_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_carries_the_checksum_that_zlib_computes() {
        // Python: zlib.crc32(b"0" * 30).
        let mut crc = flate2::Crc::new();
        crc.update(&[b'0'; 30]);
        assert_eq!(crc.sum(), 2_011_552_642);
        let token = github_token(&mut Rng::new(7));
        assert_eq!((token.len(), &token[..4]), (40, "ghp_"));
        let value = token
            .bytes()
            .skip(34)
            .fold(0_u64, |v, b| v * 62 + BASE62.iter().position(|c| *c == b).expect("base 62") as u64);
        let mut of_body = flate2::Crc::new();
        of_body.update(&token.as_bytes()[4..34]);
        assert_eq!(value, u64::from(of_body.sum()));
    }

    #[test]
    fn base64_without_padding_as_rfc_7515_spells_it() {
        // RFC 7515, appendix A.1: the header and its encoding.
        let header = b"{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
        assert_eq!(base64_url(header), "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9");
    }

    #[test]
    fn base64_as_rfc_4648_spells_it() {
        for (plain, spelt) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), spelt);
        }
    }

    #[test]
    fn equal_seeds_draw_equal_values() {
        for kind in KINDS {
            assert_eq!((kind.make)(&mut Rng::new(3)), (kind.make)(&mut Rng::new(3)), "{}", kind.id);
            assert_ne!((kind.make)(&mut Rng::new(3)), (kind.make)(&mut Rng::new(4)), "{}", kind.id);
        }
    }
}
