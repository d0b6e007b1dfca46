package rpc

import (
	"context"

	feedv1 "github.com/bedside-health/bedside/internal/gen/bedside/feed/v1"
)

// FeedClient is the part of a generated client that a feed's follower asks.
type FeedClient interface {
	Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error)
	ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error)
}

// ServiceFeed asks a neighbor's feed as this service, on nobody's behalf.
func ServiceFeed(c FeedClient) FeedClient { return serviceFeed{c} }

type serviceFeed struct{ FeedClient }

func (s serviceFeed) Changes(ctx context.Context, req *feedv1.ChangesRequest) (*feedv1.ChangesResponse, error) {
	return s.FeedClient.Changes(AsService(ctx), req)
}

func (s serviceFeed) ReadKeys(ctx context.Context, req *feedv1.ReadKeysRequest) (*feedv1.ReadKeysResponse, error) {
	return s.FeedClient.ReadKeys(AsService(ctx), req)
}

// SweepClient is the part of a generated client that a feed's backstop asks.
type SweepClient interface {
	Sweep(ctx context.Context, req *feedv1.SweepRequest) (*feedv1.SweepResponse, error)
}

// ServiceSweep asks a neighbor's newest versions as this service, on nobody's
// behalf.
func ServiceSweep(c SweepClient) SweepClient { return serviceSweep{c} }

type serviceSweep struct{ SweepClient }

func (s serviceSweep) Sweep(ctx context.Context, req *feedv1.SweepRequest) (*feedv1.SweepResponse, error) {
	return s.SweepClient.Sweep(AsService(ctx), req)
}
