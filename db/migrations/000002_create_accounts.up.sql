-- Text per language: {"fr": "…", "ar": "…"}. One column for a text, whatever
-- the number of languages: a language is data, not a column.
CREATE FUNCTION desk.is_text(value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT jsonb_typeof(value) = 'object'
       AND NOT EXISTS (
               SELECT FROM jsonb_each(value) AS entry (lang, words)
               WHERE entry.lang !~ '^[a-z]{2,3}$' OR jsonb_typeof(entry.words) <> 'string')
$$;
GRANT EXECUTE ON FUNCTION desk.is_text(jsonb) TO sijil_desk;

CREATE TABLE desk.accounts (
    id             uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    email          text        NOT NULL UNIQUE CHECK (email = lower(email) AND email LIKE '%_@_%'),
    name           text        NOT NULL,
    role           text        NOT NULL CHECK (role IN ('analyst', 'editor', 'admin')),
    language       text        NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    is_service     boolean     NOT NULL DEFAULT false,
    deactivated_at timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN desk.accounts.is_service IS 'an account of the program, such as an import; it can never sign in';

-- Vocabularies of statuses are data, edited by an admin: three labels at
-- least, retired but never deleted.
CREATE TABLE desk.vocabulary_terms (
    vocabulary text        NOT NULL,
    code       text        NOT NULL CHECK (code ~ '^[a-z][a-z-]*$'),
    position   integer     NOT NULL,
    label      jsonb       NOT NULL CHECK (desk.is_text(label) AND label ?& ARRAY['fr', 'ar', 'en']),
    phase      text,
    retired_at timestamptz,
    PRIMARY KEY (vocabulary, code)
);
COMMENT ON COLUMN desk.vocabulary_terms.phase IS 'referral steps only: the phase in which the step is drawn';

INSERT INTO desk.vocabulary_terms (vocabulary, code, position, label, phase) VALUES
    ('standing', 'suspected', 1, '{"fr": "Soupçonné", "ar": "مشتبه فيه", "en": "Suspected"}', NULL),
    ('standing', 'confirmed', 2, '{"fr": "Incident reconnu", "ar": "حادث معترف بوقوعه", "en": "Acknowledged incident"}', NULL),
    ('standing', 'disputed', 3, '{"fr": "Contesté", "ar": "محل خلاف", "en": "Disputed"}', NULL),
    ('standing', 'near-miss', 4, '{"fr": "Évité de peu", "ar": "حادث تم تفاديه", "en": "Near miss"}', NULL),
    ('standing', 'not-an-incident', 5, '{"fr": "Pas un incident", "ar": "ليس حادثا", "en": "Not an incident"}', NULL),
    ('claim-topic', 'nature', 1, '{"fr": "Nature de l’acte", "ar": "طبيعة الفعل", "en": "Nature of the act"}', NULL),
    ('claim-topic', 'attribution', 2, '{"fr": "Attribution", "ar": "الجهة المنسوب إليها", "en": "Attribution"}', NULL),
    ('claim-topic', 'timing', 3, '{"fr": "Moment et mobile", "ar": "التوقيت والدافع", "en": "Motive or timing"}', NULL),
    ('claim-topic', 'systems', 4, '{"fr": "Systèmes visés", "ar": "الأنظمة المستهدفة", "en": "Targeted systems"}', NULL),
    ('claim-topic', 'scope', 5, '{"fr": "Étendue de la fuite", "ar": "حجم التسريب", "en": "Scope of the leak"}', NULL),
    ('claim-topic', 'authenticity', 6, '{"fr": "Authenticité", "ar": "صحة الوثائق", "en": "Authenticity"}', NULL),
    ('claim-topic', 'measures', 7, '{"fr": "Mesures", "ar": "التدابير", "en": "Measures"}', NULL),
    ('claim-topic', 'referral', 8, '{"fr": "Saisine", "ar": "الإحالة", "en": "Referral"}', NULL),
    ('claim-topic', 'context', 9, '{"fr": "Contexte", "ar": "السياق", "en": "Context"}', NULL),
    ('claim-relation', 'repeats', 1, '{"fr": "Répète", "ar": "يكرر", "en": "Repeats"}', NULL),
    ('claim-relation', 'confirms', 2, '{"fr": "Confirme", "ar": "يؤكد", "en": "Confirms"}', NULL),
    ('claim-relation', 'rewords', 3, '{"fr": "Reformule", "ar": "يعيد الصياغة", "en": "Rewords"}', NULL),
    ('claim-relation', 'narrows', 4, '{"fr": "Restreint", "ar": "يضيق", "en": "Narrows"}', NULL),
    ('claim-relation', 'widens', 5, '{"fr": "Élargit", "ar": "يوسع", "en": "Widens"}', NULL),
    ('claim-relation', 'contradicts', 6, '{"fr": "Contredit", "ar": "يناقض", "en": "Contradicts"}', NULL),
    ('claim-relation', 'retracts', 7, '{"fr": "Rétracte", "ar": "يتراجع عن", "en": "Retracts"}', NULL),
    ('referral-step', 'announced', 1, '{"fr": "Annoncée", "ar": "معلنة", "en": "Announced"}', 'announced'),
    ('referral-step', 'filed', 2, '{"fr": "Déposée", "ar": "مودعة", "en": "Filed"}', 'filed'),
    ('referral-step', 'inquiry-opened', 3, '{"fr": "Enquête ouverte", "ar": "فتح بحث", "en": "Inquiry opened"}', 'inquiry'),
    ('referral-step', 'police-assigned', 4, '{"fr": "Police judiciaire chargée", "ar": "تكليف الشرطة القضائية", "en": "Judicial police assigned"}', 'inquiry'),
    ('referral-step', 'judge-seized', 5, '{"fr": "Juge d’instruction saisi", "ar": "إحالة على قاضي التحقيق", "en": "Investigating judge seized"}', 'inquiry'),
    ('referral-step', 'charged', 6, '{"fr": "Poursuites engagées", "ar": "متابعة", "en": "Charged"}', 'prosecution'),
    ('referral-step', 'trial', 7, '{"fr": "Procès", "ar": "محاكمة", "en": "Trial"}', 'prosecution'),
    ('referral-step', 'verdict', 8, '{"fr": "Jugement", "ar": "حكم", "en": "Verdict"}', 'judgment'),
    ('referral-step', 'appeal', 9, '{"fr": "Appel", "ar": "استئناف", "en": "Appeal"}', 'judgment'),
    ('referral-step', 'settled', 10, '{"fr": "Transaction", "ar": "صلح", "en": "Settled"}', 'closed'),
    ('referral-step', 'dropped', 11, '{"fr": "Classée sans suite", "ar": "حفظ", "en": "Dropped"}', 'closed'),
    ('referral-step', 'withdrawn', 12, '{"fr": "Retirée", "ar": "سحب", "en": "Withdrawn"}', 'closed'),
    ('level', 'announced-by-party', 1, '{"fr": "annoncé par une partie", "ar": "معلن من طرف", "en": "announced by a party"}', NULL),
    ('level', 'confirmed-by-authority', 2, '{"fr": "confirmé par l’autorité", "ar": "مؤكد من السلطة", "en": "confirmed by the authority"}', NULL),
    ('level', 'document-seen', 3, '{"fr": "pièce vue", "ar": "اطُّلع على الوثيقة", "en": "document seen"}', NULL),
    ('level', 'press-only', 4, '{"fr": "presse seule", "ar": "الصحافة وحدها", "en": "press only"}', NULL),
    ('date-basis', 'stated', 1, '{"fr": "énoncée", "ar": "مصرح به", "en": "stated"}', NULL),
    ('date-basis', 'published-on', 2, '{"fr": "date de parution", "ar": "تاريخ النشر", "en": "published on"}', NULL),
    ('date-basis', 'from-url', 3, '{"fr": "lue dans l’adresse", "ar": "من العنوان الإلكتروني", "en": "from the address"}', NULL),
    ('date-basis', 'inferred', 4, '{"fr": "déduite", "ar": "مستنتج", "en": "inferred"}', NULL),
    ('rendering', 'official', 1, '{"fr": "officielle", "ar": "رسمية", "en": "official"}', NULL),
    ('rendering', 'editorial', 2, '{"fr": "du registre", "ar": "من السجل", "en": "editorial"}', NULL),
    ('rendering', 'press', 3, '{"fr": "de presse", "ar": "صحفية", "en": "press"}', NULL),
    ('rendering', 'machine', 4, '{"fr": "automatique", "ar": "آلية", "en": "machine"}', NULL);

GRANT SELECT, INSERT, UPDATE ON desk.accounts, desk.vocabulary_terms TO sijil_desk;
