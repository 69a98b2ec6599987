//! Names of people: Chinese by surname and given name, English by lists of frequent names.
//!
//! A name has no check digit; the lists say how likely two to four characters are one. Words of everyday and plant
//! language that begin with a surname (高度, 温度, 马达, 石油) are refused outright. What the word before it says
//! (姓名, 联系人) decides in free text.

use super::Validity;
use super::han::{HanSet, is_han};
use Validity::{Fair, No, Strong, Weak};
use std::collections::HashSet;
use std::sync::OnceLock;

/// The hundred most frequent surnames (public-security counts of 2018 to 2020): about 85 % of people.
const FREQUENT: HanSet = HanSet::of(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦\
     傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常",
);
/// Further surnames in use, from the Hundred Family Surnames and the counts' tails.
const SINGLE: HanSet = HanSet::of(
    "萧洪诸贝候桓荀贲蓟弓汲益羿鄂从怀撒温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游\
     辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和\
     仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花\
     权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺\
     战慕危玉银亢嵇公哈湛宾戎勾茅利于呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由钮竺经家储皇郗酆水昌凤滑伯钭邴糜松牧隗山宓蓬仰\
     秋钊暴叶韶郇咸籍赖能苍双莘贡逄扶堵宰郦璩濮寿通郏别充习宦鱼慎庾终暨步弘广禄东殳沃蔚越夔厍融訾空毋乜养须巢蒯后红年爱言福窦卑蔄揣苌阎付代肖",
);
/// Two-character surnames.
#[rustfmt::skip]
const DOUBLE: [&str; 74] = [
    "欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "长孙", "夏侯", "轩辕", "端木", "百里", "东郭", "南宫", "西门", "独孤", "南门",
    "呼延", "万俟", "闻人", "赫连", "公羊", "澹台", "公冶", "宗政", "濮阳", "淳于", "单于", "太叔", "申屠", "仲孙", "钟离", "宇文", "鲜于", "闾丘", "司空", "亓官", "司寇",
    "子车", "颛孙", "巫马", "公西", "漆雕", "乐正", "壤驷", "公良", "拓跋", "夹谷", "宰父", "谷梁", "段干", "归海", "羊舌", "微生", "梁丘", "左丘", "东门", "第五", "达奚",
    "褚师", "哥舒", "尔朱", "叱干", "欧侯", "鄂伦", "纳兰", "完颜", "爱新", "叶赫", "富察",
];
/// Characters of given names in wide use.
const GIVEN: HanSet = HanSet::of(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲华建国志红玉春梅秋云龙凤飞鹏宇浩轩然子涵欣怡诗琪雨晨佳琳雪梦婷瑶倩颖洁慧莹婉\
     晶莉萍燕珍珠琴琼瑜璐琳瑞祥福贵富荣昌盛庆喜乐安康宁健康永长胜利成功德仁义礼智信忠孝廉良善美俊彦博学思远达通鑫森林松柏树海江河波涛\
     清泉源润泽溪峰岭岩石山川坤乾天宏广大光耀煌亮晓旭阳东升晖曦辰星月晴朗雷震霆电冬夏立新民生根正直方圆启开元亨祖先宗耀辈继承业传家世\
     代绍兴邦治定国栋材梁柱群众友朋和顺丰年宝金银铜铁钢锋锐铭钧铮鹤鸿雁鹰虎豹骏马麟小少中一二三双全才艺香菊荷莲芝茜苗芬芸菲萌蕾薇蓉\
     淑惠贤贞雅娇妍媛娥婵姗妮娣姝嫣依可心爱佩珊珂玥琦瑾璇瑛璟宸睿昊煜烨炎焱熙照尧舜禹汤俞奕逸凡非帆航舟行健翔翰墨书画诗琴棋沛沐泓淼\
     桐梓楠榕槐杨柳枫竹彬斌武威雄豪毅坚恒悦怀恩慈念懿加嘉佑佐佳仪俪倪僖伯仲叔季延廷弘彤彪征徐微徽恺愉慎攀敬昕昱晏晟晨景智曼朝权棣楚\
     榆歆殿沁泰洪津浦淇渊湘滨漫潇澜灿炜焕煊燊爽牧特献珏珑琛琰璋璞甜用甫留登皓盈相眉真知硕碧祎祺禄秉秦程稳童笑筠简粤素紫红纯纲绅维绮缘\
     羽翠耘聪育胤腾自舒航艾芊若英茂茵荃莎菁葵蓓蓝虹裕西言训诚语诺谊谦谨谷豫起超越跃路轶辉辛迎运近进迪逊遥道邵郁郝重野量镇长阔陆雯露青霏\
     韵顶项顺颂颜飘饶驰高魁黎默齐",
);
/// Words that begin like a name, are two to four characters long and are none.
#[rustfmt::skip]
const WORDS: [&str; 300] = [
    "高度", "高温", "高压", "高级", "高速", "高低", "高位", "高报", "高效", "高炉", "高清", "高级工", "温度", "温差", "温控", "温湿度", "马达", "马力", "马上", "石油", "石化",
    "石灰", "石材", "石墨", "金额", "金属", "金融", "金牌", "黄金", "黄色", "黄河", "黄铜", "白色", "白班", "白酒", "蓝色", "红色", "方法", "方向", "方案", "方式", "方便", "方形",
    "方面", "时间", "时长", "时刻", "时区", "时段", "平均", "平台", "平面", "平衡", "平方", "平米", "平安", "成本", "成品", "成功", "成分", "成立", "成员", "成型", "成果", "成绩",
    "安全", "安装", "安排", "安徽", "常用", "常规", "常温", "常见", "常数", "常州", "常熟", "全部", "全国", "全年", "全局", "全称", "全程", "水平", "水泵", "水泥", "水位", "水压",
    "水温", "水量", "水分", "水费", "管理", "管道", "管径", "管理员", "管理部", "连接", "连续", "连杆", "经理", "经济", "经度", "经营", "经验", "经办", "经办人", "能源", "能力",
    "能量", "能耗", "权限", "权重", "权利", "相关", "相位", "相同", "相对", "空气", "空间", "空压机", "空调", "空白", "路径", "路由", "路线", "项目", "项次", "项目部", "应用", "应急",
    "应力", "应付", "应收", "应该", "单位", "单价", "单元", "单号", "单据", "单独", "单机", "单重", "单耗", "单日", "通过", "通信", "通知", "通道", "通用", "通讯", "通风", "古代",
    "关于", "关闭", "关系", "关键", "关联", "关注", "文件", "文本", "文档", "文字", "文化", "国家", "国际", "国内", "国标", "国产", "国籍", "万元", "万吨", "万件", "广州", "广东",
    "广告", "广西", "江苏", "江西", "江南", "云南", "云端", "华东", "华北", "华南", "华中", "于是", "和平", "和谐", "明细", "明确", "明天", "明年", "元件", "元素", "元件号",
    "程序", "程度", "程控", "包装", "包括", "包含", "包裹", "宣传", "计划", "计算", "计量", "计时", "计件", "计数", "费用", "费率", "车间", "车辆", "车型", "车号", "车床", "车速",
    "车牌", "车架", "车主", "支持", "支付", "支架", "支出", "支撑", "容量", "容器", "容积", "荣誉", "信息", "信号", "信用", "家庭", "家具", "家电", "易燃", "易耗品", "许可", "许可证",
    "海关", "海外", "海南", "海运", "南方", "南京", "南通", "东方", "东南", "西门子", "东莞", "向上", "向下", "向前", "何时", "何处", "任务", "任意", "任何", "任职", "任期", "施工",
    "施耐德", "严重", "严格", "严禁", "原因", "原料", "原始", "原价", "原材料", "来源", "来料", "位置", "位号", "位移", "都是", "普通", "利润", "利用", "利率", "富余", "强度", "强制",
    "强电", "边缘", "边界", "边框", "冷却", "冷却水", "冷库", "冷轧", "冷凝", "景区", "党员", "党委", "那么", "那个", "但是", "由于", "相机",
];

/// True if `text` is a word of the list or begins with one and has one character more that makes another word of it.
fn is_word(text: &str) -> bool {
    static LIST: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let list = LIST.get_or_init(|| WORDS.into_iter().collect());
    let last = text.char_indices().last().map_or(0, |(i, _)| i);
    list.contains(text) || text.get(..last).is_some_and(|word| list.contains(word) && ends_like_a_word(text, word))
}
/// What follows a word and makes another word of it (温度计, 高压泵, 管理部).
fn ends_like_a_word(text: &str, word: &str) -> bool {
    const TAILS: HanSet = HanSet::of(
        "计泵部员器机表阀罐室科处组站线值率量度数号名类型式性化区段件品料费款单证书卡法人日期时点位是的了在和与及或等为有无中上下内外",
    );
    text.strip_prefix(word).and_then(|t| t.chars().next()).is_some_and(|c| TAILS.has(c))
}

/// A Chinese name of two to four characters, or a longer one with `·` (Uyghur, Tibetan and other names).
///
/// Frequent surname and given name of characters in wide use: strong (of random Han strings one in 100, of the
/// words of a plant fewer). Frequent surname alone, or a usual given name under another surname: fair.
pub(super) fn chinese(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    if text.contains(['·', '•']) {
        return dotted(text);
    }
    let chars: Vec<char> = text.chars().collect();
    if !(2..=4).contains(&chars.len()) || !chars.iter().all(|c| is_han(*c)) || is_word(text) {
        return No;
    }
    let double = DOUBLE.iter().any(|d| text.starts_with(d));
    if double && chars.len() >= 3 {
        return if chars[2..].iter().all(|c| GIVEN.has(*c)) { Strong } else { Fair };
    }
    if chars.len() == 4 {
        // Two surnames and a given name (欧陈文华 in Hong Kong style), otherwise too long.
        return Weak.when(FREQUENT.has(chars[0]) && FREQUENT.has(chars[1]) && chars[2..].iter().all(|c| GIVEN.has(*c)));
    }
    let given = chars[1..].iter().all(|c| GIVEN.has(*c));
    match (FREQUENT.has(chars[0]), SINGLE.has(chars[0]), given) {
        (true, _, true) if chars.len() == 3 => Strong,
        (true, _, true) | (true, _, false) | (false, true, true) => Fair,
        (false, true, false) => Weak,
        _ => No,
    }
}
fn dotted(text: &str) -> Validity {
    let parts: Vec<usize> =
        text.split(['·', '•']).map(|p| if p.chars().all(is_han) { p.chars().count() } else { 0 }).collect();
    Fair.when(
        (2..=4).contains(&parts.len()) && parts.iter().all(|n| (1..=8).contains(n)) && parts.iter().sum::<usize>() >= 4,
    )
}

/// Frequent given names of English-speaking countries, and of Chinese people in English.
const ENGLISH_GIVEN: &str = " james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven \
paul andrew joshua kenneth kevin brian george timothy ronald jason edward jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon \
benjamin samuel gregory alexander patrick frank raymond jack dennis jerry tyler aaron jose henry adam douglas nathan peter zachary kyle noah ethan jeremy \
walter christian keith roger terry austin sean gerald carl harold dylan arthur lawrence jordan jesse bryan billy bruce gabriel joe logan alan juan albert \
willie elijah wayne randy vincent mason roy ralph bobby russell bradley philip eugene mary patricia jennifer linda elizabeth barbara susan jessica sarah \
karen lisa nancy betty sandra margaret ashley kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca sharon laura cynthia dorothy amy \
kathleen angela shirley emma brenda pamela nicole anna samantha katherine christine helen debra rachel carolyn janet maria catherine heather diane olivia \
julie joyce victoria ruth virginia lauren kelly christina joan evelyn judith andrea hannah megan cheryl jacqueline martha madison teresa gloria sara janice \
ann kathryn abigail sophia frances jean alice judy isabella julia grace amber denise danielle marilyn beverly charlotte natalie theresa diana brittany doris \
kayla alexis lori marie wei ming jing li xiaoming xiao yan hui lei tao jun hong ying mei ling peng feng hao yang ";
/// Frequent family names.
const ENGLISH_FAMILY: &str = " smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas \
taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill \
flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart \
morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks chavez wood \
james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez powell jenkins perry russell sullivan bell \
coleman butler henderson barnes fisher vasquez simmons jordan patterson wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin luo gao \
zheng liang xie song tang han feng deng cao peng zeng xiao tian dong yuan pan cai jiang yu du ye cheng su wei lu ding ren shen yao cui tan ";

/// An English name of two or three words with capitals: given name and family name of the lists are strong, one of
/// them fair; `Smith, John` as well.
pub(super) fn english(value: &[u8]) -> Validity {
    let Ok(text) = std::str::from_utf8(value) else { return No };
    let turned = text.split_once(", ").map(|(family, given)| format!("{given} {family}"));
    let text = turned.as_deref().unwrap_or(text);
    let parts: Vec<&str> = text.split(' ').collect();
    let word = |p: &&str| {
        let body = p.strip_suffix('.').unwrap_or(p);
        let mut bytes = body.bytes();
        bytes.next().is_some_and(|b| b.is_ascii_uppercase())
            && bytes.all(|b| b.is_ascii_alphabetic() || matches!(b, b'\'' | b'-'))
            && body.len() <= 20
    };
    let listed = |list: &str, word: &str| list.contains(&format!(" {} ", word.to_ascii_lowercase()));
    if let [only] = parts.as_slice() {
        // A column of first names or of family names.
        return Weak.when(word(only) && (listed(ENGLISH_GIVEN, only) || listed(ENGLISH_FAMILY, only)));
    }
    if !matches!(parts.len(), 2 | 3) || !parts.iter().all(word) {
        return No;
    }
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    let middle = parts.len() == 2 || parts[1].len() <= 2 || listed(ENGLISH_GIVEN, parts[1]);
    match (listed(ENGLISH_GIVEN, first), listed(ENGLISH_FAMILY, last)) {
        (true, true) if middle => Strong,
        (true, _) | (_, true) if middle => Fair,
        _ => Weak.when(middle && parts.iter().all(|p| p[1..].bytes().all(|b| !b.is_ascii_uppercase()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_as_long_as_said() {
        assert!(FREQUENT.count() >= 100, "{}", FREQUENT.count());
        let all = FREQUENT.count() + SINGLE.count();
        assert!(all >= 400, "{all}");
        assert!(DOUBLE.len() >= 60);
    }

    #[test]
    fn chinese_names() {
        for (text, expect) in [
            ("王伟", Fair),
            ("王小明", Strong),
            ("张三", Fair),
            ("李四", Fair),
            ("欧阳娜娜", Strong),
            ("诸葛亮", Strong),
            ("陈建国", Strong),
            ("阿依古丽·买买提", Fair),
            ("逯晓燕", Fair),
            ("温度", No),
            ("温度计", No),
            ("高压泵", No),
            ("马达", No),
            ("管理员", No),
            ("石油", No),
            ("项目部", No),
            ("机器", No),
            ("王", No),
            ("王小明明明", No),
            ("Wang", No),
            ("第一车间", No),
            ("", No),
        ] {
            assert_eq!(chinese(text.as_bytes()), expect, "{text}");
        }
        assert_eq!(chinese(b"\xff\xfe"), No);
    }

    #[test]
    fn english_names() {
        for (text, expect) in [
            ("John Smith", Strong),
            ("Smith, John", Strong),
            ("Mary J. Wilson", Strong),
            ("Wei Zhang", Strong),
            ("Zbigniew Kowalski", Weak),
            ("John Kowalski", Fair),
            ("Control Valve Unit", No),
            ("john smith", No),
            ("John", Weak),
            ("Valve", No),
        ] {
            assert_eq!(english(text.as_bytes()), expect, "{text}");
        }
    }
}
