-- Any new value counts, and the operator acts on each once. No version of an object is given twice.
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["releaseflow.dev/abort"] = "Argo CD, at version " .. obj.metadata.resourceVersion
return obj
