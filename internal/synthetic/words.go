package synthetic

import (
	"math/rand/v2"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
)

// vocabularySize is how many words each language has: 36,000 in all.
const vocabularySize = 12_000

// zipfExponent is that of word frequencies in running text, a little above 1.
const zipfExponent = 1.07

// stock is what the words of a language are made of: those that a reader would
// expect in such a register come first, and so are the most frequent; the rest
// are put together of syllables.
type stock struct {
	lang      register.Lang
	frequent  string
	syllables string
	endings   string
}

func stocks() []stock {
	return []stock{
		{
			register.French,
			`de la le des données les incident attaque système fuite site institution une un sur personnes service sécurité accès réseau
			communiqué enquête caisse ministère agence publication messagerie serveur intrusion comptes mots passe fichiers usagers assurés
			numérique signalement autorité plainte procureur direction publique nationale mesures vérification portail panne rançongiciel
			hameçonnage sauvegarde chiffrement exfiltration prestataire hôpital université commune banque assurance énergie transport`,
			`ba be bi bo bu ca ce cho da de di do fa fé ga gi go gra jo la lé li lo ma me mi mo na né ni no pa pé pi po pra qua ra ré ri ro sa se si so
			ta té ti to tra va ve vi vo za zé`,
			`tion ment age eur euse ité ance ier ique able isme ure`,
		},
		{
			register.Arabic,
			`في من على المعطيات الهجوم النظام تسريب الموقع المؤسسة حادث الأشخاص الخدمة الأمن الولوج الشبكة بلاغ تحقيق الصندوق الوزارة الوكالة نشر
			البريد الخادم اختراق حسابات كلمات المرور ملفات المرتفقين المؤمنين الرقمي إشعار السلطة شكاية النيابة المديرية العمومية الوطنية تدابير
			التحقق البوابة عطب فدية تصيد احتيالي نسخة تشفير تهريب متعهد مستشفى جامعة جماعة بنك تأمين طاقة نقل`,
			`با تا جا حا دا را سا شا صا طا عا فا قا كا لا ما نا ها وا يا بو تو جو دو رو سو فو قو كو لو مو نو بي تي جي دي ري سي في قي كي لي مي ني
			بر تر جر دل رم سف شر صب طل عم فت قط كر لم مس نص هل وط`,
			`ات ون ين ية ان ة هم ها اء يل ار وم`,
		},
		{
			register.English,
			`of the a data incident attack system leak site institution on people service security access network statement inquiry fund ministry agency
			publication mailbox server intrusion accounts passwords files users insured digital notification authority complaint prosecutor directorate
			public national measures verification portal outage ransomware phishing backup encryption exfiltration provider hospital university
			municipality bank insurance energy transport records`,
			`ba be bi bo bu ca ce cho da de di do fa fe ga gi go gra ha he hi ho ja jo la le li lo ma me mi mo na ne ni no pa pe pi po pra ra re ri ro
			sa se si so sta ta te ti to tra va ve vi vo wa we wi za`,
			`tion ment age er ing ity ance ed ic able ism ness ly`,
		},
	}
}

// vocabulary is the words of a language, the most frequent first.
type vocabulary struct {
	lang  register.Lang
	words []string
	zipf  *rand.Zipf
}

func newVocabulary(s stock, random *rand.Rand) *vocabulary {
	v := &vocabulary{lang: s.lang, words: strings.Fields(s.frequent)}
	syllables, endings := strings.Fields(s.syllables), strings.Fields(s.endings)
	seen := map[string]bool{}
	for _, w := range v.words {
		seen[w] = true
	}
	for len(v.words) < vocabularySize {
		var word strings.Builder
		for range 1 + random.IntN(3) {
			word.WriteString(syllables[random.IntN(len(syllables))])
		}
		word.WriteString(endings[random.IntN(len(endings))])
		if w := word.String(); !seen[w] {
			seen[w] = true
			v.words = append(v.words, w)
		}
	}
	v.zipf = rand.NewZipf(random, zipfExponent, 4, vocabularySize-1)
	return v
}

// sentence is so many words, with a capital letter and a full stop.
func (v *vocabulary) sentence(count int) string {
	return capital(v.phrase(count)) + "."
}

// phrase is so many words.
func (v *vocabulary) phrase(count int) string {
	words := make([]string, count)
	for i := range words {
		words[i] = v.words[v.zipf.Uint64()]
	}
	return strings.Join(words, " ")
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
