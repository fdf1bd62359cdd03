package localpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// copyFrom makes the cluster a standby of a running server.
func (c *cluster) copyFrom(ctx context.Context, primary *Server, draft string) error {
	cmd := c.command(exec.CommandContext(ctx, filepath.Join(c.bin.dir, "pg_basebackup"),
		"-D", draft, "-h", primary.cluster.socketDir, "-p", socketPort, "-U", Superuser,
		"--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("localpg: pg_basebackup: %w\n%s", err, out)
	}
	if err := os.Rename(draft, c.data()); err != nil {
		return fmt.Errorf("localpg: %w", err)
	}
	return nil
}

// CanCopy reports whether the server's binaries can make a standby of it: those that
// are packed for npm cannot.
func (s *Server) CanCopy() bool { return exists(filepath.Join(s.BinDir(), "pg_basebackup")) }
