<?php
// Each widget has a price.
use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\Schema;

return new class extends Migration {
    public function up()
    {
        Schema::table('widgets', function (Blueprint $table) {
            $table->integer('price_cents')->default(0);
        });
    }

    public function down()
    {
        Schema::table('widgets', function (Blueprint $table) {
            $table->dropColumn('price_cents');
        });
    }
};
