package web

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/pagecache"
)

// watched is the published record, which notes of each page whether it shows the
// state of the public log. Only these are made anew when a checkpoint is signed,
// cosigned or dated, which happens after each publication. What has no checkpoint
// is either not there yet, and then it is no page that is kept, or says so, having
// asked.
type watched struct{ Records }

// Checkpoint implements Records.
func (w watched) Checkpoint(ctx context.Context) (register.LogCheckpoint, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.Checkpoint(ctx)
}

// Checkpoints implements Records.
func (w watched) Checkpoints(ctx context.Context, before int64, limit int) ([]register.LogCheckpoint, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.Checkpoints(ctx, before, limit)
}

// LogKeys implements Records.
func (w watched) LogKeys(ctx context.Context) ([]register.LogKey, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.LogKeys(ctx)
}

// Cosignatures implements Records.
func (w watched) Cosignatures(ctx context.Context, sizes []int64) ([]register.LogCosignature, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.Cosignatures(ctx, sizes)
}

// Witnesses implements Records.
func (w watched) Witnesses(ctx context.Context) ([]register.LogCosignature, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.Witnesses(ctx)
}

// Timestamps implements Records.
func (w watched) Timestamps(ctx context.Context, sizes []int64) ([]register.LogTimestamp, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.Timestamps(ctx, sizes)
}

// LastTimestamps implements Records.
func (w watched) LastTimestamps(ctx context.Context, limit int) ([]register.LogTimestamp, error) {
	pagecache.ShowsLog(ctx)
	return w.Records.LastTimestamps(ctx, limit)
}

// generation is what pages of now are of.
func (a *app) generation(ctx context.Context) (pagecache.Generation, error) {
	g, err := a.pages.Generation(ctx)
	return pagecache.Generation(g), err
}
