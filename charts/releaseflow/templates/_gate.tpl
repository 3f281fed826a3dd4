{{/* What both policies of gate mode ask of a write to a Deployment, in CEL. */}}

{{/* One name for all four objects, whatever the release is called: the operator looks for them under it. */}}
{{- define "releaseflow.gate.name" -}}
releaseflow-gate
{{- end -}}

{{/* Whether they are installed. Auto asks the cluster, which `helm template` alone does not reach. */}}
{{- define "releaseflow.gate.isInstalled" -}}
{{- $served := .Capabilities.APIVersions.Has "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy" -}}
{{- if or (eq .Values.gate.policy "Always") (and $served (eq .Values.gate.policy "Auto")) -}}
true
{{- end -}}
{{- end -}}

{{/* Deployments with the label, before the write or after it. */}}
{{- define "releaseflow.gate.matches" -}}
matchConstraints:
  objectSelector:
    matchExpressions:
      - key: releaseflow.dev/gate
        operator: Exists
  resourceRules:
    - apiGroups: [apps]
      apiVersions: [v1]
      resources: [{{ join ", " .resources }}]
      operations: [CREATE, UPDATE]
      scope: Namespaced
matchConditions:
  - name: not-the-operator
    expression: request.userInfo.username != 'system:serviceaccount:{{ .root.Release.Namespace }}:{{ include "releaseflow.serviceAccount" .root }}'
{{- end -}}

{{- define "releaseflow.gate.namespaces" -}}
{{- with .Values.namespaces -}}
matchResources:
  namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values:
          {{- toYaml . | nindent 10 }}
{{- end -}}
{{- end -}}

{{/* Names and images of the init containers, then of the containers. What is missing there, the API server's own
     validation says later, and in better words. */}}
{{- define "releaseflow.gate.containers" -}}
[{{ . }}.spec.template.spec.?initContainers, {{ . }}.spec.template.spec.?containers].map(list, dyn(list.orValue([])))
  .map(list, list == null ? [] : list.map(c, [c.?name.orValue(''), c.?image.orValue('')]))
{{- end -}}

{{- define "releaseflow.gate.isHeld" -}}
{{ . }}.spec.?paused.orValue(false) && {{ . }}.metadata.?annotations[?'releaseflow.dev/held'].orValue('') == 'true'
{{- end -}}

{{- define "releaseflow.gate.notes" -}}
{{ . }}.metadata.?annotations.orValue({}).transformMap(key, text, !(key in ['releaseflow.dev/held', 'kubectl.kubernetes.io/last-applied-configuration']), text)
{{- end -}}

{{/* A bypass is for an image that the write brings, or of which the bypass itself is new, or, with the same images, for any of
     them: one that was forgotten does not let the next image through. */}}
{{- define "releaseflow.gate.variables" -}}
- name: containers
  expression: >-
    {{- include "releaseflow.gate.containers" "object" | nindent 4 }}
- name: oldContainers
  expression: >-
    oldObject == null ? [[], []] :
    {{- include "releaseflow.gate.containers" "oldObject" | nindent 4 }}
- name: imagesDiffer
  expression: variables.containers != variables.oldContainers
- name: wasHeld
  expression: oldObject != null && {{ include "releaseflow.gate.isHeld" "oldObject" }}
- name: bypass
  expression: object.metadata.?annotations[?'releaseflow.dev/bypass'].orValue('')
- name: oldBypass
  expression: "oldObject == null ? '' : oldObject.metadata.?annotations[?'releaseflow.dev/bypass'].orValue('')"
- name: isBypassed
  expression: >-
    variables.bypass != '' && variables.containers.exists(list, list.exists(c, c[1] == variables.bypass)) && (
    !variables.imagesDiffer || variables.bypass != variables.oldBypass ||
    !variables.oldContainers.exists(list, list.exists(c, c[1] == variables.bypass)))
{{- end -}}
