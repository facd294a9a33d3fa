//! The names of months, whole and as they are shortened, in the languages in which spreadsheets write them.

use crate::model::statement::value;

/// Names that are no other words, by month: English, German, French, Italian, Spanish, Portuguese, Dutch, Polish, Swedish, Danish,
/// Norwegian, Finnish, Czech, Slovak, Romanian, Hungarian, Turkish.
const NAMES: [&str; 12] = [
    "jan january jän jänner januar janv janvier gen gennaio enero janeiro januari sty styczeń stycznia tammi tammikuu tammikuuta leden ledna január januára ianuarie ocak",
    "feb february februar feber févr fév février fev fevr fevrier febbraio febrero fevereiro februari luty lutego februarie helmi helmikuu helmikuuta únor února február februára şubat",
    "mar march mär märz mrz maerz mars marzo març março marco maart mrt marzec marca marts maaliskuu maaliskuuta březen března marec martie március márc mart",
    "apr april avr avril aprile abril abr kwi kwiecień kwietnia huhti huhtikuu huhtikuuta duben dubna apríl apríla aprilie ápr április nisan nis",
    "may mai maggio mayo maio mei maj maja touko toukokuu toukokuuta květen května máj mája május mayıs mayis",
    "jun june juni juin giugno giu junio junho cze czerwiec czerwca kesä kesäkuu kesäkuuta červen června jún júna iunie június haziran",
    "jul july juli juil juillet luglio lug julio julho lipiec lipca heinä heinäkuu heinäkuuta červenec července júl júla iulie július temmuz",
    "aug august août aout agosto ago augustus augusti sierpień sierpnia elokuu elokuuta srpen srpna augusta augusztus ağu ağustos agustos",
    "sep sept september septembre settembre septiembre setembro wrz wrzesień września syys syyskuu syyskuuta září septembra septembrie szept szeptember eylül eylul eyl",
    "oct okt october oktober octobre ottobre ott octubre outubro październik października paź loka lokakuu lokakuuta říjen října október októbra octombrie ekim",
    "nov november novembre noviembre novembro listopad listopada marras marraskuu marraskuuta novembra noiembrie kasım kasim",
    "dec december dez dezember déc décembre decembre dicembre dic diciembre dezembro grudzień grudnia joulu joulukuu joulukuuta prosinec prosince decembra decembrie desember des aralık aralik",
];

/// Shortened names that are other words too: a text that is all of capitals is rather one of those.
const SHORT: [&str; 12] = [
    "ene led ian oca",
    "lut úno şub",
    "maalis bře",
    "dub",
    "mag mayo kvě",
    "čvn haz",
    "lip čvc iul tem",
    "sie elo srp",
    "set zář",
    "out říj eki",
    "lis noi kas",
    "gru pro ara",
];

/// Returns the month, from 1, that a whole word names, in any case and form of its letters.
pub(super) fn month(word: &str) -> Option<u32> {
    let word = value::name(word.trim_end_matches('.'));
    let is_capital = word.chars().count() > 1 && !word.chars().any(char::is_lowercase);
    let lower = word.to_lowercase();
    let position =
        |names: &[&str; 12]| names.iter().position(|names| names.split(' ').any(|name| name == lower));
    let found = position(&NAMES).or_else(|| position(&SHORT).filter(|_| !is_capital))?;
    u32::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_known_in_many_languages() {
        let check = |words: &str, expect: Option<u32>| {
            for word in words.split(' ') {
                assert_eq!(month(word), expect, "{word}");
            }
        };
        check("January janv. gen ene Januar styczeń tammikuu leden Ocak januari jan", Some(1));
        check("März Mrz mars marzo março maart mrt marzec marts maaliskuu březen Mart MAR", Some(3));
        check("juin červen giugno haziran", Some(6));
        check("juillet červenec lug", Some(7));
        check("août sierpień elokuu A\u{11e}USTOS ağustos", Some(8));
        check("set Set zář syys", Some(9));
        check("listopad marraskuu Kas", Some(11));
        check("de\u{301}c. Dez pro DES aralık", Some(12));
        check("nobody x A May-1 LED PRO SET OUT", None);
    }
}
