package app

import "github.com/bedside-health/bedside/internal/rpc"

// Network is how this process reaches the services, for what measures their
// calls without the pages in front.
func (a *App) Network() *rpc.Network { return a.boot.net }
