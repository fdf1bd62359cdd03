package web_test

import (
	"context"

	"github.com/sijil/sijil/internal/register"
)

// The log of a fake record is empty and was never signed.

func (f *fake) nothingLogged() error {
	if err := f.note(""); err != nil {
		return err
	}
	return register.ErrNotFound
}

func (f *fake) Checkpoint(context.Context) (register.LogCheckpoint, error) {
	return register.LogCheckpoint{}, f.nothingLogged()
}

func (f *fake) LogTile(context.Context, int, int64, int) ([]byte, error) {
	return nil, f.nothingLogged()
}

func (f *fake) LogEntries(context.Context, int64, int) ([][]byte, error) {
	return nil, f.nothingLogged()
}

func (f *fake) LogKeys(context.Context) ([]register.LogKey, error) { return nil, f.note("") }

func (f *fake) EditionProof(context.Context, string, int) (register.EditionProof, error) {
	return register.EditionProof{}, f.nothingLogged()
}

func (f *fake) Checkpoints(context.Context, int64, int) ([]register.LogCheckpoint, error) {
	return nil, f.note("")
}

func (f *fake) Cosignatures(context.Context, []int64) ([]register.LogCosignature, error) {
	return nil, f.note("")
}

func (f *fake) Witnesses(context.Context) ([]register.LogCosignature, error) { return nil, f.note("") }

func (f *fake) Timestamps(context.Context, []int64) ([]register.LogTimestamp, error) {
	return nil, f.note("")
}

func (f *fake) LastTimestamps(context.Context, int) ([]register.LogTimestamp, error) {
	return nil, f.note("")
}

func (f *fake) Timestamp(context.Context, int64) ([]byte, string, error) {
	return nil, "", f.nothingLogged()
}
