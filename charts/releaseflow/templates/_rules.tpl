{{/* What the operator may do where it serves: no Secrets, no wildcards. tests/unit/chart/test_rbac.py holds the same table. */}}
{{- define "releaseflow.rules" -}}
# It reads flows and writes only their status.
- apiGroups: [releaseflow.dev]
  resources: [releaseflows]
  verbs: [get, list, watch]
- apiGroups: [releaseflow.dev]
  resources: [migrationruns]
  verbs: [get, list, watch, create, update, patch, delete]
- apiGroups: [releaseflow.dev]
  resources: [releaseflows/status, migrationruns/status]
  verbs: [update, patch]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create, update, patch, delete]
# patch: to drop its own finalizer from the pods of its Jobs.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch]
{{- range .Files.Get "files/workloads.yaml" | fromYamlArray }}
- apiGroups: [{{ .group }}]
  resources: [{{ .resource }}]
  verbs: [{{ join ", " .verbs }}]
{{- end }}
# list: causes such as an exceeded quota appear nowhere else.
- apiGroups: [""]
  resources: [events]
  verbs: [list, create, patch]
# Why a backup's claim is not bound.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get]
# Its UID: whether the namespace was created again after a lock recorded that its database has tables.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- end -}}
