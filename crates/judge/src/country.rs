//! The home country of a plan.

use plan::CheckedPlan;

/// Two letters by the number of ISO 3166-1, as the United Nations' M49 lists them: countries with more than a million people.
const NUMBERS: &str = "4 AF 8 AL 12 DZ 24 AO 31 AZ 32 AR 36 AU 40 AT 48 BH 50 BD 51 AM 56 BE 68 BO 70 BA 76 BR 100 BG 104 MM \
    112 BY 116 KH 120 CM 124 CA 144 LK 152 CL 156 CN 158 TW 170 CO 188 CR 191 HR 192 CU 196 CY 203 CZ 208 DK 214 DO 218 EC \
    222 SV 231 ET 233 EE 246 FI 250 FR 268 GE 276 DE 288 GH 300 GR 320 GT 340 HN 344 HK 348 HU 352 IS 356 IN 360 ID 364 IR \
    368 IQ 372 IE 376 IL 380 IT 384 CI 388 JM 392 JP 398 KZ 400 JO 404 KE 408 KP 410 KR 414 KW 417 KG 418 LA 422 LB 428 LV \
    434 LY 440 LT 442 LU 446 MO 458 MY 470 MT 484 MX 496 MN 498 MD 499 ME 504 MA 508 MZ 512 OM 516 NA 524 NP 528 NL 554 NZ \
    558 NI 566 NG 578 NO 586 PK 591 PA 600 PY 604 PE 608 PH 616 PL 620 PT 634 QA 642 RO 643 RU 682 SA 686 SN 688 RS 702 SG \
    703 SK 704 VN 705 SI 710 ZA 716 ZW 724 ES 729 SD 752 SE 756 CH 760 SY 762 TJ 764 TH 784 AE 788 TN 792 TR 795 TM 800 UG \
    804 UA 807 MK 818 EG 826 GB 834 TZ 840 US 858 UY 860 UZ 862 VE 887 YE 894 ZM";

/// The home country of the plan (parameter `home_country`), two letters; `None` if it names none.
#[must_use]
pub fn home(plan: &CheckedPlan) -> Option<&'static str> {
    let number = plan.parameter("home_country")?.to_string();
    let mut words = NUMBERS.split_whitespace();
    while let (Some(n), Some(code)) = (words.next(), words.next()) {
        if n == number {
            return Some(code);
        }
    }
    None
}
