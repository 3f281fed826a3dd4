<?php
// Nothing is kept between requests.
return ['default' => 'array', 'stores' => ['array' => ['driver' => 'array']]];
