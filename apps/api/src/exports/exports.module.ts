import { Module } from '@nestjs/common';
import { ExportStreams } from './export-streams.js';
import { ExportsController } from './exports.controller.js';
import { ExportsService } from './exports.service.js';

@Module({
  controllers: [ExportsController],
  providers: [ExportsService, ExportStreams],
  exports: [ExportStreams],
})
export class ExportsModule {}
