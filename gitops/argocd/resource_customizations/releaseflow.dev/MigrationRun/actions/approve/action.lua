if obj.spec.flowRef ~= nil then
  error("a run of a ReleaseFlow is approved with that ReleaseFlow", 0)
end
obj.metadata.annotations = obj.metadata.annotations or {}
obj.metadata.annotations["releaseflow.dev/approve"] = obj.metadata.name
return obj
