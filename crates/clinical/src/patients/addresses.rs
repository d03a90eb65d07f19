//! Where a patient lives (FHIR R4 Address).

use serde::Serialize;

use crate::fields::Refusals;

const LINES: usize = 5;
const LINE: usize = 200;
const PLACE: usize = 100;
const POSTAL_CODE: usize = 20;

/// The officially assigned codes of ISO 3166-1 alpha-2.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH \
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT \
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS \
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI \
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG \
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG \
    UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// An address. One part of it is there at least.
#[derive(Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// Street and number and the like: at most 5 lines of at most 200 characters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// At most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// At most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// At most 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// At most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// A code of ISO 3166-1 alpha-2, in capitals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Address {
    pub(super) fn checked(self, refusals: &mut Refusals) -> Self {
        let parts = [
            &self.city,
            &self.district,
            &self.state,
            &self.postal_code,
            &self.country,
        ];
        let is_empty = self.lines.is_empty() && parts.iter().all(|part| part.is_none());
        refusals.unless(!is_empty, "address", "must not be empty");
        refusals.unless(self.lines.len() <= LINES, "address.lines", "must be at most 5");
        let lines = self.lines.iter().take(LINES).enumerate();
        let lines = lines.map(|(index, line)| refusals.text(format!("address.lines.{index}"), line, LINE));
        let lines = lines.collect();
        let mut part = |field: &'static str, text: Option<String>, most| {
            text.map(|text| refusals.text(field, &text, most))
        };
        let checked = Self {
            lines,
            city: part("address.city", self.city, PLACE),
            district: part("address.district", self.district, PLACE),
            state: part("address.state", self.state, PLACE),
            postal_code: part("address.postal_code", self.postal_code, POSTAL_CODE),
            country: self.country,
        };
        let is_country = checked
            .country
            .as_deref()
            .is_none_or(|code| COUNTRIES.split(' ').any(|country| country == code));
        refusals.unless(
            is_country,
            "address.country",
            "must be a country code of ISO 3166-1 alpha-2, such as DE",
        );
        checked
    }
}
