<?php
// Answers every request with the application's version, as soon as the widgets can be read.
require_once 'Illuminate/autoload.php';
$app = require dirname(__DIR__).'/bootstrap/app.php';
$app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
$widgets = Illuminate\Support\Facades\DB::table('widgets')->where('price_cents', '>=', 0)->count();
echo json_encode(['version' => getenv('APP_VERSION'), 'widgets' => $widgets]);
