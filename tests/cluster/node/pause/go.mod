module releaseflow.dev/tests/cluster/node/pause

go 1.26.0
