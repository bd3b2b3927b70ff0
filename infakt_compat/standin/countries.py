"""Countries in the form in which v3 lists them, sorted by their Polish names (v3-wire 8).

v3 has 209, and no source says which. These are 244: ISO 3166-1 without BV, GS, HM, IO, TF and UM,
and with XK. So 35 countries or more are taken here that v3 does not have; which, only v3 can tell.

A line: alpha-2, alpha-3, continent, currency, EU member, English name | Polish name. As in the
documented example, Germany is not said to be in the European Union.
"""

from __future__ import annotations

from typing import Any

_CONTINENTS = {
    "A": "Azja",
    "E": "Europa",
    "F": "Afryka",
    "N": "Ameryka Północna",
    "O": "Australia i Oceania",
    "S": "Ameryka Połudiowa",  # so spelt on the wire
    "X": "Antarktyda",
}

_LINES = """\
AF AFG A AFN 0 Afghanistan|Afganistan
AL ALB E ALL 0 Albania|Albania
DZ DZA F DZD 0 Algeria|Algieria
AD AND E EUR 0 Andorra|Andora
AO AGO F AOA 0 Angola|Angola
AI AIA N XCD 0 Anguilla|Anguilla
AQ ATA X USD 0 Antarctica|Antarktyda
AG ATG N XCD 0 Antigua and Barbuda|Antigua i Barbuda
SA SAU A SAR 0 Saudi Arabia|Arabia Saudyjska
AR ARG S ARS 0 Argentina|Argentyna
AM ARM A AMD 0 Armenia|Armenia
AW ABW N AWG 0 Aruba|Aruba
AU AUS O AUD 0 Australia|Australia
AT AUT E EUR 1 Austria|Austria
AZ AZE A AZN 0 Azerbaijan|Azerbejdżan
BS BHS N BSD 0 Bahamas|Bahamy
BH BHR A BHD 0 Bahrain|Bahrajn
BD BGD A BDT 0 Bangladesh|Bangladesz
BB BRB N BBD 0 Barbados|Barbados
BE BEL E EUR 1 Belgium|Belgia
BZ BLZ N BZD 0 Belize|Belize
BJ BEN F XOF 0 Benin|Benin
BM BMU N BMD 0 Bermuda|Bermudy
BT BTN A INR 0 Bhutan|Bhutan
BY BLR E BYN 0 Belarus|Białoruś
BO BOL S BOB 0 Bolivia|Boliwia
BA BIH E BAM 0 Bosnia and Herzegovina|Bośnia i Hercegowina
BW BWA F BWP 0 Botswana|Botswana
BR BRA S BRL 0 Brazil|Brazylia
BN BRN A BND 0 Brunei|Brunei
VG VGB N USD 0 British Virgin Islands|Brytyjskie Wyspy Dziewicze
BG BGR E BGN 1 Bulgaria|Bułgaria
BF BFA F XOF 0 Burkina Faso|Burkina Faso
BI BDI F BIF 0 Burundi|Burundi
CI CIV F XOF 0 Côte d'Ivoire|Côte d'Ivoire
CL CHL S CLP 0 Chile|Chile
CN CHN A CNY 0 China|Chiny
HR HRV E HRK 1 Croatia|Chorwacja
CW CUW N ANG 0 Curaçao|Curaçao
CY CYP E EUR 1 Cyprus|Cypr
TD TCD F XAF 0 Chad|Czad
ME MNE E EUR 0 Montenegro|Czarnogóra
CZ CZE E CZK 1 Czechia|Czechy
DK DNK E DKK 1 Denmark|Dania
CD COD F CDF 0 Congo - Kinshasa|Demokratyczna Republika Konga
DM DMA N XCD 0 Dominica|Dominika
DO DOM N DOP 0 Dominican Republic|Dominikana
DJ DJI F DJF 0 Djibouti|Dżibuti
EG EGY F EGP 0 Egypt|Egipt
EC ECU S USD 0 Ecuador|Ekwador
ER ERI F ERN 0 Eritrea|Erytrea
EE EST E EUR 1 Estonia|Estonia
SZ SWZ F SZL 0 Eswatini|Eswatini
ET ETH F ETB 0 Ethiopia|Etiopia
FK FLK S FKP 0 Falkland Islands|Falklandy
FJ FJI O FJD 0 Fiji|Fidżi
PH PHL A PHP 0 Philippines|Filipiny
FI FIN E EUR 1 Finland|Finlandia
FR FRA E EUR 1 France|Francja
GA GAB F XAF 0 Gabon|Gabon
GM GMB F GMD 0 Gambia|Gambia
GH GHA F GHS 0 Ghana|Ghana
GI GIB E GIP 0 Gibraltar|Gibraltar
GR GRC E EUR 1 Greece|Grecja
GD GRD N XCD 0 Grenada|Grenada
GL GRL N DKK 0 Greenland|Grenlandia
GE GEO A GEL 0 Georgia|Gruzja
GU GUM O USD 0 Guam|Guam
GG GGY E GBP 0 Guernsey|Guernsey
GY GUY S GYD 0 Guyana|Gujana
GF GUF S EUR 0 French Guiana|Gujana Francuska
GP GLP N EUR 0 Guadeloupe|Gwadelupa
GT GTM N GTQ 0 Guatemala|Gwatemala
GN GIN F GNF 0 Guinea|Gwinea
GW GNB F XOF 0 Guinea-Bissau|Gwinea Bissau
GQ GNQ F XAF 0 Equatorial Guinea|Gwinea Równikowa
HT HTI N HTG 0 Haiti|Haiti
ES ESP E EUR 1 Spain|Hiszpania
NL NLD E EUR 1 Netherlands|Holandia
HN HND N HNL 0 Honduras|Honduras
HK HKG A HKD 0 Hong Kong|Hongkong
IN IND A INR 0 India|Indie
ID IDN A IDR 0 Indonesia|Indonezja
IQ IRQ A IQD 0 Iraq|Irak
IR IRN A IRR 0 Iran|Iran
IE IRL E EUR 1 Ireland|Irlandia
IS ISL E ISK 0 Iceland|Islandia
IL ISR A ILS 0 Israel|Izrael
JM JAM N JMD 0 Jamaica|Jamajka
JP JPN A JPY 0 Japan|Japonia
YE YEM A YER 0 Yemen|Jemen
JE JEY E GBP 0 Jersey|Jersey
JO JOR A JOD 0 Jordan|Jordania
KY CYM N KYD 0 Cayman Islands|Kajmany
KH KHM A KHR 0 Cambodia|Kambodża
CM CMR F XAF 0 Cameroon|Kamerun
CA CAN N CAD 0 Canada|Kanada
QA QAT A QAR 0 Qatar|Katar
KZ KAZ A KZT 0 Kazakhstan|Kazachstan
KE KEN F KES 0 Kenya|Kenia
KG KGZ A KGS 0 Kyrgyzstan|Kirgistan
KI KIR O AUD 0 Kiribati|Kiribati
CO COL S COP 0 Colombia|Kolumbia
KM COM F KMF 0 Comoros|Komory
CG COG F XAF 0 Congo - Brazzaville|Kongo
KR KOR A KRW 0 South Korea|Korea Południowa
KP PRK A KPW 0 North Korea|Korea Północna
XK XKX E EUR 0 Kosovo|Kosowo
CR CRI N CRC 0 Costa Rica|Kostaryka
CU CUB N CUP 0 Cuba|Kuba
KW KWT A KWD 0 Kuwait|Kuwejt
LA LAO A LAK 0 Laos|Laos
LS LSO F ZAR 0 Lesotho|Lesotho
LB LBN A LBP 0 Lebanon|Liban
LR LBR F LRD 0 Liberia|Liberia
LY LBY F LYD 0 Libya|Libia
LI LIE E CHF 0 Liechtenstein|Liechtenstein
LT LTU E EUR 1 Lithuania|Litwa
LU LUX E EUR 1 Luxembourg|Luksemburg
LV LVA E EUR 1 Latvia|Łotwa
MK MKD E MKD 0 North Macedonia|Macedonia Północna
MG MDG F MGA 0 Madagascar|Madagaskar
YT MYT F EUR 0 Mayotte|Majotta
MO MAC A MOP 0 Macao|Makau
MW MWI F MWK 0 Malawi|Malawi
MV MDV A MVR 0 Maldives|Malediwy
MY MYS A MYR 0 Malaysia|Malezja
ML MLI F XOF 0 Mali|Mali
MT MLT E EUR 1 Malta|Malta
MP MNP O USD 0 Northern Mariana Islands|Mariany Północne
MA MAR F MAD 0 Morocco|Maroko
MQ MTQ N EUR 0 Martinique|Martynika
MR MRT F MRU 0 Mauritania|Mauretania
MU MUS F MUR 0 Mauritius|Mauritius
MX MEX N MXN 0 Mexico|Meksyk
FM FSM O USD 0 Micronesia|Mikronezja
MM MMR A MMK 0 Myanmar|Mjanma (Birma)
MD MDA E MDL 0 Moldova|Mołdawia
MC MCO E EUR 0 Monaco|Monako
MN MNG A MNT 0 Mongolia|Mongolia
MS MSR N XCD 0 Montserrat|Montserrat
MZ MOZ F MZN 0 Mozambique|Mozambik
NA NAM F ZAR 0 Namibia|Namibia
NR NRU O AUD 0 Nauru|Nauru
NP NPL A NPR 0 Nepal|Nepal
BQ BES N USD 0 Caribbean Netherlands|Niderlandy Karaibskie
DE DEU E EUR 0 Germany|Niemcy
NE NER F XOF 0 Niger|Niger
NG NGA F NGN 0 Nigeria|Nigeria
NI NIC N NIO 0 Nicaragua|Nikaragua
NU NIU O NZD 0 Niue|Niue
NF NFK O AUD 0 Norfolk Island|Norfolk
NO NOR E NOK 0 Norway|Norwegia
NC NCL O XPF 0 New Caledonia|Nowa Kaledonia
NZ NZL O NZD 0 New Zealand|Nowa Zelandia
OM OMN A OMR 0 Oman|Oman
PK PAK A PKR 0 Pakistan|Pakistan
PW PLW O USD 0 Palau|Palau
PS PSE A ILS 0 Palestine|Palestyna
PA PAN N PAB 0 Panama|Panama
PG PNG O PGK 0 Papua New Guinea|Papua-Nowa Gwinea
PY PRY S PYG 0 Paraguay|Paragwaj
PE PER S PEN 0 Peru|Peru
PN PCN O NZD 0 Pitcairn Islands|Pitcairn
PF PYF O XPF 0 French Polynesia|Polinezja Francuska
PL POL E PLN 1 Poland|Polska
PR PRI N USD 0 Puerto Rico|Portoryko
PT PRT E EUR 1 Portugal|Portugalia
ZA ZAF F ZAR 0 South Africa|Republika Południowej Afryki
CF CAF F XAF 0 Central African Republic|Republika Środkowoafrykańska
CV CPV F CVE 0 Cape Verde|Republika Zielonego Przylądka
RE REU F EUR 0 Réunion|Reunion
RU RUS E RUB 0 Russia|Rosja
RO ROU E RON 1 Romania|Rumunia
RW RWA F RWF 0 Rwanda|Rwanda
EH ESH F MAD 0 Western Sahara|Sahara Zachodnia
BL BLM N EUR 0 St. Barthélemy|Saint-Barthélemy
KN KNA N XCD 0 St. Kitts and Nevis|Saint Kitts i Nevis
LC LCA N XCD 0 St. Lucia|Saint Lucia
MF MAF N EUR 0 St. Martin|Saint-Martin
PM SPM N EUR 0 St. Pierre and Miquelon|Saint-Pierre i Miquelon
VC VCT N XCD 0 St. Vincent and Grenadines|Saint Vincent i Grenadyny
SV SLV N USD 0 El Salvador|Salwador
WS WSM O WST 0 Samoa|Samoa
AS ASM O USD 0 American Samoa|Samoa Amerykańskie
SM SMR E EUR 0 San Marino|San Marino
SN SEN F XOF 0 Senegal|Senegal
RS SRB E RSD 0 Serbia|Serbia
SC SYC F SCR 0 Seychelles|Seszele
SL SLE F SLL 0 Sierra Leone|Sierra Leone
SG SGP A SGD 0 Singapore|Singapur
SX SXM N ANG 0 Sint Maarten|Sint Maarten
SK SVK E EUR 1 Slovakia|Słowacja
SI SVN E EUR 1 Slovenia|Słowenia
SO SOM F SOS 0 Somalia|Somalia
LK LKA A LKR 0 Sri Lanka|Sri Lanka
US USA N USD 0 United States|Stany Zjednoczone
SD SDN F SDG 0 Sudan|Sudan
SS SSD F SSP 0 South Sudan|Sudan Południowy
SR SUR S SRD 0 Suriname|Surinam
SJ SJM E NOK 0 Svalbard and Jan Mayen|Svalbard i Jan Mayen
SY SYR A SYP 0 Syria|Syria
CH CHE E CHF 0 Switzerland|Szwajcaria
SE SWE E SEK 1 Sweden|Szwecja
TJ TJK A TJS 0 Tajikistan|Tadżykistan
TH THA A THB 0 Thailand|Tajlandia
TW TWN A TWD 0 Taiwan|Tajwan
TZ TZA F TZS 0 Tanzania|Tanzania
TL TLS A USD 0 Timor-Leste|Timor Wschodni
TG TGO F XOF 0 Togo|Togo
TK TKL O NZD 0 Tokelau|Tokelau
TO TON O TOP 0 Tonga|Tonga
TT TTO N TTD 0 Trinidad and Tobago|Trynidad i Tobago
TN TUN F TND 0 Tunisia|Tunezja
TR TUR A TRY 0 Turkey|Turcja
TM TKM A TMT 0 Turkmenistan|Turkmenistan
TC TCA N USD 0 Turks and Caicos Islands|Turks i Caicos
TV TUV O AUD 0 Tuvalu|Tuvalu
UG UGA F UGX 0 Uganda|Uganda
UA UKR E UAH 0 Ukraine|Ukraina
UY URY S UYU 0 Uruguay|Urugwaj
UZ UZB A UZS 0 Uzbekistan|Uzbekistan
VU VUT O VUV 0 Vanuatu|Vanuatu
WF WLF O XPF 0 Wallis and Futuna|Wallis i Futuna
VA VAT E EUR 0 Vatican City|Watykan
VE VEN S VES 0 Venezuela|Wenezuela
HU HUN E HUF 1 Hungary|Węgry
GB GBR E GBP 0 United Kingdom|Wielka Brytania
VN VNM A VND 0 Vietnam|Wietnam
IT ITA E EUR 1 Italy|Włochy
CX CXR O AUD 0 Christmas Island|Wyspa Bożego Narodzenia
IM IMN E GBP 0 Isle of Man|Wyspa Man
SH SHN F SHP 0 St. Helena|Wyspa Świętej Heleny
AX ALA E EUR 0 Åland Islands|Wyspy Alandzkie
CK COK O NZD 0 Cook Islands|Wyspy Cooka
VI VIR N USD 0 U.S. Virgin Islands|Wyspy Dziewicze Stanów Zjednoczonych
CC CCK O AUD 0 Cocos (Keeling) Islands|Wyspy Kokosowe
MH MHL O USD 0 Marshall Islands|Wyspy Marshalla
FO FRO E DKK 0 Faroe Islands|Wyspy Owcze
SB SLB O SBD 0 Solomon Islands|Wyspy Salomona
ST STP F STN 0 São Tomé and Príncipe|Wyspy Świętego Tomasza i Książęca
ZM ZMB F ZMW 0 Zambia|Zambia
ZW ZWE F ZWL 0 Zimbabwe|Zimbabwe
AE ARE A AED 0 United Arab Emirates|Zjednoczone Emiraty Arabskie
"""


def _parse() -> list[dict[str, Any]]:
    rows = []
    for line in _LINES.splitlines():
        alpha_2, alpha_3, continent, currency, member, names = line.split(" ", 5)
        english, polish = names.split("|")
        rows.append({
            "id": 0, "alpha_2": alpha_2, "alpha_3": alpha_3, "english_name": english,
            "polish_name": polish, "continent": _CONTINENTS[continent],
            "european_union": member == "1", "currency": currency,
        })  # fmt: skip
    for number, row in enumerate(sorted(rows, key=lambda row: str(row["english_name"])), 1):
        row["id"] = number
    return rows


COUNTRIES = _parse()
POLISH_NAME = {row["alpha_2"]: row["polish_name"] for row in COUNTRIES}
