package desk

import (
	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

func (w *writer) exposure(x register.Exposure) {
	w.fact("exposure", x.Fact)
	w.exec(`
		INSERT INTO desk.exposures (record_id, key, title, institution_id, data_classes, place, period)
		VALUES (@record, @key, @title, @institution, @data_classes, @place, @period)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "title": store.TextColumn(x.Title), "institution": store.Nullable(x.Institution),
			"data_classes": list(x.DataClasses), "place": x.Place, "period": store.TextColumn(x.Period),
		})
	for _, f := range x.Figures {
		w.figure(x.Key, f)
	}
	for _, p := range x.Authenticity {
		w.position(x.Key, p)
	}
}

func (w *writer) figure(exposure string, x register.Figure) {
	w.subfact("figure", x.Fact)
	w.exec(`
		INSERT INTO desk.figures (record_id, key, exposure_key, value, bound, unit, claimant, what)
		VALUES (@record, @key, @exposure, @value, @bound, @unit, @claimant, @what)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "exposure": exposure, "value": x.Value, "bound": x.Bound,
			"unit": x.Unit, "claimant": x.Claimant, "what": store.TextColumn(x.What),
		})
}

func (w *writer) position(exposure string, x register.Position) {
	w.subfact("position", x.Fact)
	w.exec(`
		INSERT INTO desk.positions (record_id, key, exposure_key, party, institution_id, findings, note)
		VALUES (@record, @key, @exposure, @party, @institution, @findings, @note)`,
		pgx.StrictNamedArgs{
			"key": x.Key, "exposure": exposure, "party": store.TextColumn(x.Party),
			"institution": store.Nullable(x.Institution), "findings": list(x.Findings), "note": store.TextColumn(x.Note),
		})
}

func (r *reader) exposures(i *register.Incident) {
	byKey := map[string]int{}
	into(r, &i.Exposures, `
		SELECT x.key, x.title, coalesce(x.institution_id::text, ''), x.data_classes, x.place, x.period
		FROM desk.exposures AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow, x *register.Exposure) error {
			err := row.Scan(&x.Key, &x.Title, &x.Institution, &x.DataClasses, &x.Place, &x.Period)
			x.Fact = r.fact(x.Key)
			byKey[x.Key] = len(i.Exposures)
			return err
		})
	query(r, `
		SELECT x.exposure_key, x.key, x.value, x.bound, x.unit, x.claimant, x.what
		FROM desk.figures AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow) error {
			var key string
			var x register.Figure
			err := row.Scan(&key, &x.Key, &x.Value, &x.Bound, &x.Unit, &x.Claimant, &x.What)
			x.Fact = r.fact(x.Key)
			if at, ok := byKey[key]; ok {
				i.Exposures[at].Figures = append(i.Exposures[at].Figures, x)
			}
			return err
		})
	query(r, `
		SELECT x.exposure_key, x.key, x.party, coalesce(x.institution_id::text, ''), x.findings, x.note
		FROM desk.positions AS x
		JOIN desk.facts AS f USING (record_id, key)
		WHERE x.record_id = @record
		ORDER BY f.position`,
		func(row pgx.CollectableRow) error {
			var key string
			var x register.Position
			err := row.Scan(&key, &x.Key, &x.Party, &x.Institution, &x.Findings, &x.Note)
			x.Fact = r.fact(x.Key)
			if at, ok := byKey[key]; ok {
				i.Exposures[at].Authenticity = append(i.Exposures[at].Authenticity, x)
			}
			return err
		})
}
