-- Vocabularies are edited from now on. Their first labels become those that
-- pages have shown so far; a copy for the public side follows every change, in
-- the same transaction.
ALTER TABLE desk.vocabulary_terms ADD COLUMN version integer NOT NULL DEFAULT 1;
COMMENT ON COLUMN desk.vocabulary_terms.version IS 'grows with every change; the optimistic lock of who edits it';

UPDATE desk.vocabulary_terms AS t
SET label = shown.label::jsonb
FROM (VALUES
    ('standing', 'suspected', '{"fr": "Incident soupçonné", "ar": "حادث مشتبه فيه", "en": "Suspected incident"}'),
    ('standing', 'confirmed', '{"fr": "Incident reconnu", "ar": "حادث معترف بوقوعه", "en": "Acknowledged incident"}'),
    ('standing', 'disputed', '{"fr": "Incident contesté", "ar": "حادث محل خلاف", "en": "Disputed incident"}'),
    ('standing', 'near-miss', '{"fr": "Incident évité", "ar": "حادث جرى تفاديه", "en": "Near miss"}'),
    ('standing', 'not-an-incident', '{"fr": "Pas un incident", "ar": "ليس حادثا", "en": "Not an incident"}'),
    ('claim-topic', 'nature', '{"fr": "Nature de l’acte", "ar": "طبيعة الفعل", "en": "Nature of the act"}'),
    ('claim-topic', 'attribution', '{"fr": "Auteurs", "ar": "الجهة الفاعلة", "en": "Attribution"}'),
    ('claim-topic', 'timing', '{"fr": "Moment et mobile", "ar": "التوقيت والدافع", "en": "Timing and motive"}'),
    ('claim-topic', 'systems', '{"fr": "Systèmes visés", "ar": "الأنظمة المستهدفة", "en": "Targeted systems"}'),
    ('claim-topic', 'scope', '{"fr": "Étendue de la fuite", "ar": "نطاق التسريب", "en": "Scope of the leak"}'),
    ('claim-topic', 'authenticity', '{"fr": "Authenticité", "ar": "صحة الوثائق", "en": "Authenticity"}'),
    ('claim-topic', 'measures', '{"fr": "Mesures", "ar": "التدابير", "en": "Measures"}'),
    ('claim-topic', 'referral', '{"fr": "Justice", "ar": "القضاء", "en": "Referral"}'),
    ('claim-topic', 'context', '{"fr": "Contexte", "ar": "السياق", "en": "Context"}'),
    ('claim-relation', 'repeats', '{"fr": "Répète", "ar": "يكرر", "en": "Repeats"}'),
    ('claim-relation', 'confirms', '{"fr": "Confirme", "ar": "يؤكد", "en": "Confirms"}'),
    ('claim-relation', 'rewords', '{"fr": "Reformule", "ar": "يعيد صياغة", "en": "Rewords"}'),
    ('claim-relation', 'narrows', '{"fr": "Restreint", "ar": "يضيّق", "en": "Narrows"}'),
    ('claim-relation', 'widens', '{"fr": "Élargit", "ar": "يوسّع", "en": "Widens"}'),
    ('claim-relation', 'contradicts', '{"fr": "Contredit", "ar": "يناقض", "en": "Contradicts"}'),
    ('claim-relation', 'retracts', '{"fr": "Retire", "ar": "يتراجع عن", "en": "Retracts"}'),
    ('referral-step', 'announced', '{"fr": "Annoncée", "ar": "معلنة", "en": "Announced"}'),
    ('referral-step', 'filed', '{"fr": "Déposée", "ar": "مودعة", "en": "Filed"}'),
    ('referral-step', 'inquiry-opened', '{"fr": "Enquête ouverte", "ar": "فتح بحث", "en": "Inquiry opened"}'),
    ('referral-step', 'police-assigned', '{"fr": "Police judiciaire chargée", "ar": "تكليف الشرطة القضائية", "en": "Police assigned"}'),
    ('referral-step', 'judge-seized', '{"fr": "Juge saisi", "ar": "عرض القضية على قاض", "en": "Judge seized"}'),
    ('referral-step', 'charged', '{"fr": "Poursuites engagées", "ar": "متابعة", "en": "Charged"}'),
    ('referral-step', 'trial', '{"fr": "Procès", "ar": "محاكمة", "en": "Trial"}'),
    ('referral-step', 'verdict', '{"fr": "Jugement rendu", "ar": "صدور حكم", "en": "Verdict"}'),
    ('referral-step', 'appeal', '{"fr": "Appel", "ar": "استئناف", "en": "Appeal"}'),
    ('referral-step', 'settled', '{"fr": "Transaction", "ar": "صلح", "en": "Settled"}'),
    ('referral-step', 'dropped', '{"fr": "Classée sans suite", "ar": "حفظ", "en": "Dropped"}'),
    ('referral-step', 'withdrawn', '{"fr": "Retirée", "ar": "تنازل", "en": "Withdrawn"}'),
    ('level', 'announced-by-party', '{"fr": "annoncé par une partie", "ar": "أعلنه طرف", "en": "announced by a party"}'),
    ('level', 'confirmed-by-authority', '{"fr": "confirmé par l’autorité", "ar": "أكدته السلطة", "en": "confirmed by the authority"}'),
    ('level', 'document-seen', '{"fr": "pièce vue", "ar": "اطُّلع على الوثيقة", "en": "document seen"}'),
    ('level', 'press-only', '{"fr": "presse seule", "ar": "الصحافة وحدها", "en": "press only"}'),
    ('date-basis', 'stated', '{"fr": "donnée par la source", "ar": "ورد في المصدر", "en": "given by the source"}'),
    ('date-basis', 'published-on', '{"fr": "jour de parution", "ar": "يوم النشر", "en": "day of publication"}'),
    ('date-basis', 'from-url', '{"fr": "d’après l’adresse", "ar": "حسب عنوان الصفحة", "en": "from the address"}'),
    ('date-basis', 'inferred', '{"fr": "déduit", "ar": "مستنتج", "en": "inferred"}'),
    ('rendering', 'official', '{"fr": "Version officielle", "ar": "صيغة رسمية", "en": "Official"}'),
    ('rendering', 'editorial', '{"fr": "Traduction de la rédaction", "ar": "ترجمة هيئة التحرير", "en": "Editorial"}'),
    ('rendering', 'press', '{"fr": "Version de presse", "ar": "رواية صحفية", "en": "Press"}'),
    ('rendering', 'machine', '{"fr": "Traduction automatique", "ar": "ترجمة آلية", "en": "Machine"}')
) AS shown (vocabulary, code, label)
WHERE t.vocabulary = shown.vocabulary AND t.code = shown.code;

CREATE TABLE record.vocabulary_terms (
    vocabulary text    NOT NULL,
    code       text    NOT NULL,
    position   integer NOT NULL,
    label      jsonb   NOT NULL,
    phase      text    NOT NULL,
    is_retired boolean NOT NULL,
    PRIMARY KEY (vocabulary, code)
);
COMMENT ON TABLE record.vocabulary_terms IS 'what the codes of published records are called; a copy of the desk''s';
INSERT INTO record.vocabulary_terms (vocabulary, code, position, label, phase, is_retired)
SELECT vocabulary, code, position, label, coalesce(phase, ''), retired_at IS NOT NULL
FROM desk.vocabulary_terms;

GRANT SELECT ON record.vocabulary_terms TO sijil_public, sijil_takedown;
GRANT SELECT, INSERT, UPDATE ON record.vocabulary_terms TO sijil_desk;

-- What an admin sets for everybody. There is one row.
CREATE TABLE desk.settings (
    one                   boolean PRIMARY KEY DEFAULT true CHECK (one),
    stale_referral_days   integer NOT NULL DEFAULT 30 CHECK (stale_referral_days BETWEEN 1 AND 3650),
    review_reminder_days  integer NOT NULL DEFAULT 3 CHECK (review_reminder_days BETWEEN 1 AND 365),
    mail_retention_days   integer NOT NULL DEFAULT 30 CHECK (mail_retention_days BETWEEN 7 AND 365),
    version               integer NOT NULL DEFAULT 1
);
INSERT INTO desk.settings DEFAULT VALUES;
GRANT SELECT, UPDATE ON desk.settings TO sijil_desk;

-- The activity is read by person, by action and by day, the newest first.
CREATE INDEX audit_action_idx ON desk.audit (action, id);
CREATE INDEX audit_at_idx ON desk.audit (at);
